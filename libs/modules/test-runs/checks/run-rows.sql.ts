import { checkpointsOf, discardedEventsTable, liveBuildOf, parkedStreamsTable } from '#platform/messaging';
import { runsProjection } from '../read-models/runs-projection.options.ts';

export interface RunStreamRow {
  /** bigint, as text */
  readonly stream_no: string;
  readonly stream: string;
  readonly slot: number;
}

const isRun = `stream ~ '^run:[^/]+/[^/]+$'`;

/** $1 stream_no of the last run of the page before, $2 how many runs. */
export const listRunStreams = `
select stream_no, stream, slot from streams where stream_no > $1 and ${isRun} order by stream_no limit $2`;

/** $1 how many runs, by chance. */
export const sampleRunStreams = `
select stream_no, stream, slot from streams where ${isRun} order by random() limit $1`;

export const countRunStreams = `select count(*)::int as runs from streams where ${isRun}`;

/** How far the projection has read the run's slot, what it has not applied of the run, and its row. */
export interface RunReadRow {
  /** slot → position; without the slot when nothing was read of it */
  readonly read: Readonly<Record<string, number>>;
  /** Version from which on the run's events are set aside; null when none are. */
  readonly parked: number | null;
  /** Versions that were left out by order. */
  readonly discarded: number[];
  /** Null when the run has no row. */
  readonly run: object | null;
}

/** $1 projectId, $2 runId, $3 slot, $4 stream. */
export const readRun = `
select ${checkpointsOf(runsProjection, 'array[$3::smallint]')} as read,
       (select first_version::float8 from ${parkedStreamsTable}
        where projection = '${runsProjection.name}' and version = ${liveBuildOf(runsProjection)} and stream = $4) as parked,
       array(select version::float8 from ${discardedEventsTable}
             where projection = '${runsProjection.name}' and stream = $4) as discarded,
       (select to_jsonb(run) from run_summaries run where run.project_id = $1 and run.run_id = $2) as run`;

export interface TestRecordRow {
  readonly key: string;
  readonly test: object;
}

/** $1 projectId, $2 runId, $3 test_key of the last test of the page before, $4 how many tests. */
export const listTestsOfRun = `
select test.test_key as key, to_jsonb(test) as test from run_tests test
where test.project_id = $1 and test.run_id = $2 and test.test_key > $3
order by test.test_key limit $4`;
