import { rowsOfSlot } from '../read-events.sql.ts';

/** To the end of the transaction no stream is closed. What was closed before is seen by the statements after this one. */
export const holdClosings = 'lock table closed_streams in share mode';

/**
 * SQL of rows (stream, recorded_at): the closed streams whose names begin with this, and when the last of their events was
 * recorded that has been erased or will be.
 *
 * @param prefix ends with a colon
 * @param lastWord type of the event that says that a stream was erased, which stays
 */
export const endsOfClosedStreams = (prefix: string, lastWord: string): string => `(
  select st.stream, max(x.recorded_at) as recorded_at
  from streams st
  join slots s on s.slot = st.slot
  cross join lateral ${rowsOfSlot(`p.stream_no = st.stream_no and p.version > st.version - 2 and p.version > 0`)} x
  where st.closed and st.stream >= '${prefix}' and st.stream < '${prefix.slice(0, -1)};' and x.type <> '${lastWord}'
  group by st.stream
)`;
