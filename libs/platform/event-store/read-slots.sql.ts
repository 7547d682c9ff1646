import type { PreparedQuery } from './pooled-connection.ts';
import { currentEpoch, eventColumns, type RecordedRow, rowsOfSlot } from './read-events.sql.ts';

/** The log's epoch, and whether all slots have reached what they must have; one row without an event when there is none to read. */
export type SlotsRow = readonly [epoch: string, isFresh: boolean, ...(RecordedRow | readonly null[])];

export interface AskedSlot {
  readonly slot: number;
  readonly after: number;
  /** The position that it must have reached for the answer to count. */
  readonly least: number;
}

/** What one slot may take of the limit. What the others leave of it is left to the next read, which asks for fewer slots. */
const share = 'order by p.position limit ($4 + s.slots - 1) / s.slots';

/**
 * Positions have no gaps, so `position - after` is an event's turn in its slot. Ordered by turns, what the bounds let
 * through is of each slot a beginning without gaps, and nobody's is longer than another's that has more to give. Within a turn
 * the slots come as they were asked for.
 *
 * The arrays come as sub-selects to hide their lengths from the planner: for a few slots it would plan the statement anew
 * each time, over all partitions, which takes longer than running it.
 */
const text = `with asked as (
  select s.slot, s.partition_id, s.moving_from, s.position, u.after, u.least, u.place,
    count(*) filter (where s.position > u.after) over () as slots
  from unnest((select $1::smallint[]), (select $2::bigint[]), (select $3::bigint[])) with ordinality u (slot, after, least, place)
  join slots s on s.slot = u.slot
)
select ep.epoch, fresh.is_fresh, ${eventColumns}
from ${currentEpoch}
cross join (select coalesce(bool_and(position >= least), true) as is_fresh from asked) fresh
left join lateral (
  select * from (
    select r.*,
      sum(octet_length(r.data)) over (order by r.position - s.after, s.place rows unbounded preceding) - octet_length(r.data) as bytes_before
    from asked s
    cross join lateral (
      select * from ${rowsOfSlot('p.slot = s.slot and p.position > s.after', share)} p ${share}
    ) r
    where s.position > s.after
    order by r.position - s.after, s.place limit $4
  ) b where b.bytes_before < $5
) x on true
left join streams st on st.stream_no = x.stream_no
order by x.slot, x.position`;

export const readSlots = (asked: readonly AskedSlot[], limit: number, bytes: number): PreparedQuery => ({
  name: 'read-slots',
  text,
  values: [
    asked.map(({ slot }) => slot),
    asked.map(({ after }) => after),
    asked.map(({ least }) => least),
    limit,
    bytes,
  ],
});
