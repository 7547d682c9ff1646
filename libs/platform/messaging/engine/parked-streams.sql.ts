/** $1 projection, $2 version, $3 slots. */
export const parkedStreamsOfSlots = `
  select stream from parked_streams where projection = $1 and version = $2 and slot = any($3::smallint[])`;

const columns = `
  stream, slot, first_version::float8 as "firstVersion", first_position::float8 as "firstPosition",
  last_version::float8 as "lastVersion", events::float8 as events, error,
  extract(epoch from parked_at)::float8 * 1000 as "parkedAt"`;

/** $1 projection, $2 version. */
export const listParkedStreams = `
  select ${columns}
  from parked_streams
  where projection = $1 and version = $2
  order by parked_at, stream`;

/** $1 projection, $2 version, $3 stream: with what is ordered of it. */
export const findParkedStream = `
  select ${columns}, ordered
  from parked_streams
  where projection = $1 and version = $2 and stream = $3`;

/** $1 projection, $2 version, $3 stream, $4 slot, $5 version of the event, $6 its position, $7 error. */
export const parkStream = `
  with parked as (
    insert into parked_streams (projection, version, stream, slot, first_version, first_position, last_version, error)
    values ($1, $2, $3, $4, $5, $6, $5, $7)
  )
  update projection_checkpoints set parked = parked + 1 where projection = $1 and version = $2 and slot = $4`;

/** $1 projection, $2 version, $3 streams, $4 events of each that were set aside, $5 the last version of each. */
export const setAside = `
  update parked_streams as parked
  set events = parked.events + aside.events, last_version = aside.last_version
  from unnest($3::text[], $4::bigint[], $5::bigint[]) as aside (stream, events, last_version)
  where parked.projection = $1 and parked.version = $2 and parked.stream = aside.stream`;

/** $1 projection, $2 version, $3 stream, $4 slot. */
export const unparkStream = `
  with unparked as (
    delete from parked_streams where projection = $1 and version = $2 and stream = $3
  )
  update projection_checkpoints set parked = parked - 1 where projection = $1 and version = $2 and slot = $4`;

/** $1 projection, $2 version, $3 stream, $4 version of the event that fails now, $5 its position, $6 events, $7 error. */
export const moveParked = `
  update parked_streams set first_version = $4, first_position = $5, events = $6, error = $7, ordered = null
  where projection = $1 and version = $2 and stream = $3`;

/** $1 projection, $2 stream. */
export const discardedVersions = `
  select version::float8 as version from discarded_events where projection = $1 and stream = $2`;

/** $1 projection, $2 stream, $3 version of the event, $4 error. */
export const discardEvent = `
  insert into discarded_events (projection, stream, version, error) values ($1, $2, $3, $4) on conflict do nothing`;
