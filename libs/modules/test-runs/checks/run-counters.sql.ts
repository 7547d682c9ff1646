export interface RunCountersRow {
  readonly project_id: string;
  readonly run_id: string;
  /** What the run's row says, in the order of `counters`. */
  readonly kept: number[];
  /** What its tests' rows add up to. */
  readonly counted: number[];
  /** bigints, as text; null when the log has no such run */
  readonly version: string;
  readonly newest_test: string;
  readonly log_version: string | null;
}

export const counters = ['tests', 'passed', 'failed', 'flaky', 'skipped', 'pending', 'attempts', 'open'] as const;

/** $1 projectId and $2 runId of the last run of the page before, $3 how many runs. */
export const recountRuns = `
select run.project_id, run.run_id, run.version, coalesce(test.newest, 0) as newest_test, st.version as log_version,
       array[
         (run.summary->'counts'->>'tests')::int, (run.summary->'counts'->>'passed')::int,
         (run.summary->'counts'->>'failed')::int, (run.summary->'counts'->>'flaky')::int,
         (run.summary->'counts'->>'skipped')::int, (run.summary->'counts'->>'pending')::int,
         (run.summary->'counts'->>'attempts')::int, (run.state->>'open')::int
       ] as kept,
       array[test.tests, test.passed, test.failed, test.flaky, test.skipped, test.pending, test.attempts, test.open]
         as counted
from (
  select * from run_summaries where (project_id, run_id) > ($1, $2) order by project_id, run_id limit $3
) run
cross join lateral (
  select count(*)::int as tests, max(t.version) as newest,
         count(*) filter (where t.outcome = 'passed')::int as passed,
         count(*) filter (where t.outcome = 'failed')::int as failed,
         count(*) filter (where t.outcome = 'flaky')::int as flaky,
         count(*) filter (where t.outcome = 'skipped')::int as skipped,
         count(*) filter (where t.outcome = 'pending')::int as pending,
         coalesce(sum(json_array_length(t.row->'attempts')), 0)::int as attempts,
         count(*) filter (where (t.row->>'running')::boolean)::int as open
  from run_tests t where t.project_id = run.project_id and t.run_id = run.run_id
) test
left join streams st on st.stream = 'run:' || run.project_id || '/' || run.run_id
order by run.project_id, run.run_id`;
