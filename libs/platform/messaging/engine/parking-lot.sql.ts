/** Of the builds that queries read, and of projections without tables; the longest parked first. */
const current = `
  not exists (
    select from projection_builds as build
    where build.projection = parked.projection and build.number = parked.version and build.state <> 'live'
  )`;

export const listParked = `
  select projection, stream, slot, first_version::float8 as "firstVersion", last_version::float8 as "lastVersion",
    events::float8 as events, error, extract(epoch from parked_at)::float8 * 1000 as "parkedAt", ordered
  from parked_streams as parked
  where ${current}
  order by parked_at, projection, stream
  limit 10000`;

/** $1 stream, $2 projection or null for each, $3 what is to be done with it. */
export const orderParked = `
  update parked_streams as parked set ordered = $3, ordered_at = clock_timestamp()
  where stream = $1 and projection = coalesce($2, projection) and ${current}
  returning projection`;

/** $1 names of projections whose rows are written here. */
export const orderedReplays = `
  select projection, stream, first_version::float8 as "firstVersion", ordered from parked_streams as parked
  where ordered is not null and projection = any($1) and ${current}
  order by ordered_at limit 100`;

/** $1 projection, $2 stream. */
export const parkedNow = `
  select first_version::float8 as "firstVersion", ordered, error from parked_streams as parked
  where projection = $1 and stream = $2 and ${current}`;
