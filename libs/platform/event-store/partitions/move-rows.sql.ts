const columns = 'slot, position, stream_no, version, at, recorded_at, event_id, lifecycle, digest, type, data, detail';

/**
 * Rows and bytes of one transaction: small enough that appends have cores and disk in between. An append waits for what the
 * chunk has put into the WAL before it; between 250 and 500 rows `npm run bench -- split` shows no difference beyond its noise.
 */
export const chunk = { rows: 250, bytes: 1024 * 1024 };

/** What was moved by one statement. */
export interface MovedRow {
  readonly rows: number;
  /** The last position among them; bigint, as text; null when there was none. */
  readonly last: string | null;
}

/**
 * Moves the first rows of a slot after a position to another table, and says how many there were and how far that went.
 * The position spares the index its dead entries, which a long read elsewhere would keep there: every chunk would walk
 * over all that were moved before.
 *
 * $1 slot, $2 position, $3 rows at most.
 */
export const moveRows = (source: number, target: number): string => `
with last as (
  select max(position) as position from (
    select position, sum(size) over (order by position) - size as bytes_before from (
      select position, pg_column_size(data) + coalesce(pg_column_size(detail), 0) as size
      from events where partition_id = ${source} and slot = $1 and position > $2
      order by position limit $3
    ) r
  ) b where bytes_before < ${chunk.bytes}
), taken as (
  delete from events where partition_id = ${source} and slot = $1 and position > $2
    and position <= (select position from last)
  returning ${columns}
), stored as (
  insert into events (partition_id, ${columns}) select ${target}, ${columns} from taken returning position
)
select count(*)::int as rows, max(position) as last from stored`;

/** $1 slot. */
export const hasRowsOfSlot = (partition: number): string => `
select exists (select from events where partition_id = ${partition} and slot = $1) as found`;

/** A table that was just made, or just emptied, has statistics that would have it read whole. */
export const byIndex = 'set enable_seqscan = off; set enable_bitmapscan = off';
