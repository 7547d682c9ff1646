import { checkpointsOf, liveBuildOf, parkedStreamsTable, standsStill } from '#platform/messaging';
import { runsProjection } from '../read-models/runs-projection.options.ts';

/** A stream that was set aside has rows that stand still while its events go on; or all do, while a newer version is built. */
const isStale = `(${standsStill(runsProjection)} or exists (
  select from ${parkedStreamsTable} as parked
  where parked.projection = '${runsProjection.name}' and parked.version = ${liveBuildOf(runsProjection)}
    and parked.stream = 'run:' || run.project_id || '/' || run.run_id
))`;

const columns = `run.run_id as "runId", run.summary, ${isStale} as stale`;

/** $1 projectId: its newest runs, as many as a list shows at once. */
const newest = `
  select run_id from run_summaries where project_id = $1 order by started_at desc, run_id desc limit 50`;

/** $1 projectId: runs that run, up to 500, and the newest. */
export const selectProjectWindow = `
  with newest as (${newest}), running as (
    select run_id from run_summaries
    where project_id = $1 and status = 'running' order by started_at desc, run_id desc limit 500
  )
  select ${columns}
  from (select run_id from newest union select run_id from running) as shown
  join run_summaries as run on run.project_id = $1 and run.run_id = shown.run_id
  order by run.started_at desc, run.run_id desc`;

/** $1 projectId, $2 runIds, $3 slots: those of the runs that are in the window, and how far they were read. */
export const selectProjectRows = `
  with newest as (${newest})
  select checkpoints.positions, ${columns}
  from (select ${checkpointsOf(runsProjection, '$3')} as positions) as checkpoints
  left join run_summaries as run on run.project_id = $1 and run.run_id = any($2)
    and (run.status = 'running' or run.run_id in (select run_id from newest))`;

/** $1 how many projects: the newest run of each of the first, from one project to the next by the index, never through all runs. */
export const selectNewestRuns = `
  with recursive newest as (
    (select project_id, run_id from run_summaries order by project_id, started_at desc, run_id desc limit 1)
    union all
    select next.project_id, next.run_id
    from newest cross join lateral (
      select project_id, run_id from run_summaries where project_id > newest.project_id
      order by project_id, started_at desc, run_id desc limit 1
    ) as next
  )
  select ${columns}
  from (select project_id, run_id from newest limit $1) as shown
  join run_summaries as run using (project_id, run_id)
  order by run.project_id`;

/**
 * $1 projectIds and $2 runIds, of a length, $3 slots, $4 the last project that the window shows, null = all: those of the runs that are the
 * newest of their project.
 */
export const selectNewestRunRows = `
  select checkpoints.positions, ${columns}
  from (select ${checkpointsOf(runsProjection, '$3')} as positions) as checkpoints
  left join (
    select run.* from unnest($1::text[], $2::text[]) as asked (project_id, run_id)
    join run_summaries as run using (project_id, run_id)
    where ($4::text is null or run.project_id <= $4) and not exists (
      select from run_summaries as newer
      where newer.project_id = run.project_id and (newer.started_at, newer.run_id) > (run.started_at, run.run_id)
    )
  ) as run on true`;

/** $1 projectId, $2 runIds (of one run), $3 slots. */
export const selectRunRow = `
  select checkpoints.positions, ${columns}
  from (select ${checkpointsOf(runsProjection, '$3')} as positions) as checkpoints
  left join run_summaries as run on run.project_id = $1 and run.run_id = any($2)`;

/** $1 projectId, $2 runId. */
export const selectRunVersion = `
  select version::float8 as version from run_summaries where project_id = $1 and run_id = $2`;
