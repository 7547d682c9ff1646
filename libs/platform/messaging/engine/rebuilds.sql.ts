/** Each build that is worked on: what it has read, and what it had read at its last sample. */
export const readProgress = `
  select checkpoint.projection, checkpoint.version as number, coalesce(build.state, 'live') as state,
    coalesce(build.version, checkpoint.version) as version, sum(checkpoint.position)::float8 as done,
    sum(checkpoint.parked)::float8 as parked, build.sampled_done::float8 as "sampledDone",
    extract(epoch from clock_timestamp() - build.sampled_at)::float8 as "sampledSecondsAgo"
  from projection_checkpoints as checkpoint
  left join projection_builds as build
    on build.projection = checkpoint.projection and build.number = checkpoint.version
  where build.state is distinct from 'retired'
    -- Of a projection without tables that was given another version only the newest counts.
    and (build.state is not null or checkpoint.version = (
      select max(other.version) from projection_checkpoints as other where other.projection = checkpoint.projection
    ))
  group by checkpoint.projection, checkpoint.version, build.state, build.version, build.sampled_done, build.sampled_at
  order by checkpoint.projection, checkpoint.version`;

/** Ordered, and not taken up by any projector. */
export const readOrdered = `
  select projection from projection_builds where state = 'filling' and version is null`;

/** $1 projection: projectors of the last seconds, and how many of them have the code of the build that is being filled. */
export const readCrew = `
  select count(projectors.id)::int as projectors,
    count(projectors.id) filter (
      where build.version is null or (projectors.versions ->> build.projection)::integer = build.version
    )::int as able
  from projection_builds as build
  left join projectors on projectors.seen_at > clock_timestamp() - interval '3500 milliseconds'
  where build.projection = $1 and build.state = 'filling'`;

export const readRebuildable = `
  select projection from projection_builds where state = 'live' order by projection`;

/** $1 projection: the build that is being filled, or, when there is none, the one that queries read. */
export const readNewest = `
  select max(number) as number from projection_builds where projection = $1 and state <> 'retired'`;

/**
 * $1 projection: whether projectors of two releases were there within the last minute. Not when a rebuild is under way: to
 * order it again is only to look on.
 */
export const readMixedReleases = `
  select count(distinct versions) > 1 as mixed from projectors
  where seen_at > clock_timestamp() - interval '1 minute'
    and not exists (select from projection_builds where projection = $1 and state = 'filling')`;
