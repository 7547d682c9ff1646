/**
 * $1 projection: its builds that are not retired. One is forsaken that nobody fills: no projector of the last minute has its
 * code. Whoever fills it samples it as well, since beats do not survive a crash of the database.
 */
export const readBuilds = `
  select number, version, state,
    state = 'filling' and version is not null and sampled_at < clock_timestamp() - interval '1 minute'
      and not exists (
        select from projectors
        where seen_at > clock_timestamp() - interval '1 minute'
          and (projectors.versions ->> build.projection)::integer = build.version
      ) as forsaken
  from projection_builds as build where projection = $1 and state <> 'retired'`;

/** $1 projection: two processes that find nothing must not both begin. */
export const beginAlone = `select pg_advisory_xact_lock(hashtext('projection-builds'), hashtext($1))`;

/** $1 projection, $2 version of the code (null = whoever takes it up), $3 state, $4 names of the tables. */
export const insertBuild = `
  insert into projection_builds (projection, number, version, state, tables, filled, live_at)
  select $1, coalesce(max(number), 0) + 1, $2, $3, $4, $3 = 'live', case when $3 = 'live' then clock_timestamp() end
  from projection_builds where projection = $1
  returning number`;

/** $1 projection: nothing when one is under way, or nothing is live yet. */
export const orderBuild = `
  insert into projection_builds (projection, number, state)
  select $1, max(number) + 1, 'filling' from projection_builds where projection = $1
  having bool_or(state = 'live')
  on conflict (projection, state) where state <> 'retired' do nothing`;

/** $1 projection, $2 number, $3 version of the code, $4 names of the tables. */
export const takeUpBuild = `
  update projection_builds set version = $3, tables = $4, sampled_at = clock_timestamp()
  where projection = $1 and number = $2`;

/** $1 projection, $2 number. */
export const retireBuild = `
  update projection_builds set state = 'retired' where projection = $1 and number = $2`;

/** $1 projection: gives up what is being filled, with what is kept of it. No row where a swap was faster. */
export const retireFilling = `
  with retired as (
    update projection_builds set state = 'retired' where projection = $1 and state = 'filling' returning number
  ), parked as (
    delete from parked_streams using retired where projection = $1 and version = retired.number
  ), checkpoints as (
    delete from projection_checkpoints using retired where projection = $1 and version = retired.number
  )
  select number from retired`;

/** $1 projection, $2 number: what is kept of a build that gets no more writes. */
export const forgetParked = `delete from parked_streams where projection = $1 and version = $2`;
export const forgetCheckpoints = `delete from projection_checkpoints where projection = $1 and version = $2`;

/** $1 projection, $2 number of the build that is being filled: what it has, and what the live one has and it has not. */
export const readFilling = `
  select build.filled, coalesce(sum(own.position), 0)::float8 as done,
    coalesce(sum(greatest(live.position - own.position, 0)), 0)::float8 as "behindLive"
  from projection_builds as build
  join projection_checkpoints as own on own.projection = build.projection and own.version = build.number
  left join projection_builds as read on read.projection = build.projection and read.state = 'live'
  left join projection_checkpoints as live
    on live.projection = read.projection and live.version = read.number and live.slot = own.slot
  where build.projection = $1 and build.number = $2
  group by build.filled`;

/** $1 projection, $2 number, $3 state: claims the build for this transaction, or finds that another process has it. */
export const claimBuild = `
  select filled from projection_builds where projection = $1 and number = $2 and state = $3 for update skip locked`;

/** $1 projection, $2 number. */
export const markFilled = `update projection_builds set filled = true where projection = $1 and number = $2`;

/** $1 projection: the build that queries read. */
export const liveBuild = `
  select number, tables from projection_builds where projection = $1 and state = 'live' for update`;

/** $1 projection, $2 number: from here on nobody writes to it. */
export const freezeCheckpoints = `
  select slot from projection_checkpoints where projection = $1 and version = $2 order by slot for update`;

/** $1 projection, $2 number. */
export const makeLive = `
  update projection_builds set state = 'live', live_at = clock_timestamp() where projection = $1 and number = $2`;

/** $1 projection. */
export const retiredTables = `
  select number, tables from projection_builds
  where projection = $1 and state = 'retired' and tables <> '{}' for update skip locked`;

/** $1 projection, $2 number. */
export const markSwept = `update projection_builds set tables = '{}' where projection = $1 and number = $2`;

/** $1 projection, $2 number: for the rate. A sample is ten seconds old, or younger after a start. */
export const sampleProgress = `
  update projection_builds as build
  set sampled_at = clock_timestamp(), sampled_done = done.events
  from (
    select coalesce(sum(position), 0) as events from projection_checkpoints where projection = $1 and version = $2
  ) as done
  where build.projection = $1 and build.number = $2 and build.sampled_at < clock_timestamp() - interval '10 seconds'`;
