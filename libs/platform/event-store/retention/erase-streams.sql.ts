import { rowsOfSlot } from '../read-events.sql.ts';
import { erasedDataJson } from './erased-data.ts';

/** $1 names, and prefixes of names: from the commit on no such stream begins. */
export const forbidStreams = `
insert into closed_streams (name) select unnest($1::text[]) on conflict do nothing`;

/** $1 slot: whatever holds it, or waits for it before us, has been committed when this answers. */
export const lockSlot = 'select 1 from slots where slot = $1 for update';

/** $1 stream. Only under its slot's lock is the answer good for more than a moment. */
export const readStreamHead = 'select stream_no, version, closed from streams where stream = $1';

/** $1 numbers of streams. */
export const closeStreams = 'update streams set closed = true where stream_no = any ($1::bigint[]) and not closed';

/** $1 stream, $2 prefix, $3 end of the prefix. Two ranges of one index: an `or` would be read as a whole. */
const family = `(
  select * from streams where stream = $1
  union all
  select * from streams where stream >= $2 and stream < $3
)`;

/** Streams of a family that still take events, by slot. */
export const openStreams = `
select slot, array_agg(stream_no) as streams from ${family} st where not closed group by slot order by slot`;

/** Streams of a family, by name. */
export const familyStreams = `
select stream, slot, version::float8 as version from ${family} st order by stream collate "C"`;

/** $1 stream: its number, and the tables where its rows are. */
export const placeOfStream = `
select st.stream_no, array_remove(array[s.partition_id, s.moving_from], null) as partitions
from streams st join slots s on s.slot = st.slot
where st.stream = $1`;

/**
 * $1 stream_no, $2 first version, $3 version after the last. The digest stays: it is of what the data was. Keys and type stay,
 * so positions and versions have no holes.
 */
export const eraseEvents = (partition: number): string => `
update events set data = '${erasedDataJson}', detail = null
where partition_id = ${partition} and stream_no = $1 and version > 0 and version >= $2 and version < $3
  and (data <> '${erasedDataJson}' or detail is not null)`;

/**
 * $1 stream, $2 version after the last: the first event with data, wherever a split has it at this moment. One statement
 * reads the map and both tables, so that a row which moves is in one of them.
 */
export const findData = `
select min(x.version)::float8 as version
from streams st
join slots s on s.slot = st.slot
cross join lateral (
  select p.version, p.data, p.detail from events p
  where p.partition_id = s.partition_id and p.stream_no = st.stream_no and p.version > 0 and p.version < $2
  union all
  select p.version, p.data, p.detail from events p
  where p.partition_id = s.moving_from and p.stream_no = st.stream_no and p.version > 0 and p.version < $2
) x
where st.stream = $1 and (x.data <> '${erasedDataJson}' or x.detail is not null)`;

/**
 * $1 closed streams: who has not read the last event of each. Not who has not read the log to its end: where something is
 * always being appended there is always somebody who has not. Of a projection with tables every build that is read, filled
 * or ordered counts; of one without, the newest version. A stream that was set aside has events that wait.
 */
export const findBehind = `
with heads as (
  select st.slot, max(x.position) as position
  from unnest($1::text[]) as closed (stream)
  join streams st on st.stream = closed.stream
  join slots s on s.slot = st.slot
  cross join lateral ${rowsOfSlot('p.stream_no = st.stream_no and p.version = st.version and p.version > 0')} x
  group by st.slot
)
select build.projection as reader
from projection_builds build
where build.state <> 'retired' and exists (
  select from heads
  left join projection_checkpoints c
    on c.projection = build.projection and c.version = build.number and c.slot = heads.slot
  where coalesce(c.position, 0) < heads.position
)
union
select c.projection
from projection_checkpoints c
join heads on heads.slot = c.slot
where c.position < heads.position
  and not exists (select from projection_builds build where build.projection = c.projection)
  and c.version = (select max(newest.version) from projection_checkpoints newest where newest.projection = c.projection)
union
select parked.projection from parked_streams parked where parked.stream = any ($1::text[])
order by 1`;
