/** Where a partition's table is: `pending` while a concurrent detach was cut short, `apart` when it is no partition. */
export interface PartitionTableRow {
  readonly state: 'attached' | 'pending' | 'apart';
}

/** $1: the table's name. No row when there is no such table. */
export const findPartitionTable = `
select case when i.inhrelid is null then 'apart' when i.inhdetachpending then 'pending' else 'attached' end as state
from pg_class c
left join pg_inherits i on i.inhrelid = c.oid and i.inhparent = 'events'::regclass
where c.oid = to_regclass($1)`;

/** Attached partitions, by number. */
export const listPartitions = `
select (regexp_match(pg_get_expr(c.relpartbound, c.oid), '\\d+'))[1]::int as partition
from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'events'::regclass and not i.inhdetachpending
order by 1`;

export const tableOf = (partition: number): string => `events_p${partition}`;

/**
 * Apart from the log, with its indexes: `partition of` would lock the log against every read and append. With indexes and
 * the check there already, attaching neither builds nor scans anything under its lock.
 */
export const createApart = (partition: number): string => `
create table ${tableOf(partition)} (
  like events including all,
  constraint ${tableOf(partition)}_only check (partition_id = ${partition})
)`;

export const attach = (partition: number): string =>
  `alter table events attach partition ${tableOf(partition)} for values in (${partition})`;

/** What attaching made superfluous, else every insert would check it. In the transaction that has the table to itself. */
export const dropCheck = (partition: number): string =>
  `alter table ${tableOf(partition)} drop constraint ${tableOf(partition)}_only`;

/** Not in a transaction. Plainly it would lock the log against every read and append. */
export const detach = (partition: number): string =>
  `alter table events detach partition ${tableOf(partition)} concurrently`;

/** Ends a detach that was cut short. */
export const finishDetach = (partition: number): string =>
  `alter table events detach partition ${tableOf(partition)} finalize`;

export const dropTable = (partition: number): string => `drop table ${tableOf(partition)}`;

/** Whether the table, attached or not, has a row. */
export const hasRows = (partition: number): string => `select exists (select from ${tableOf(partition)}) as found`;
