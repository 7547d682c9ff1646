export interface PartitionTableStatistics {
  readonly partition: number;
  /** PostgreSQL's estimate; bigint, as text */
  readonly rows: string;
  /** With indexes and long values; bigint, as text */
  readonly bytes: string;
}

export const readPartitionStatistics = `
select p.partition, coalesce(u.n_live_tup, 0) as rows, pg_total_relation_size(c.oid) as bytes
from pg_inherits i
join pg_class c on c.oid = i.inhrelid
cross join lateral (
  select (regexp_match(pg_get_expr(c.relpartbound, c.oid), '\\d+'))[1]::int as partition
) p
left join pg_stat_user_tables u on u.relid = c.oid
where i.inhparent = 'events'::regclass and not i.inhdetachpending
order by p.partition`;
