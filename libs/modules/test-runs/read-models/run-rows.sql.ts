import type { PreparedStatement } from '#platform/database';

/** $1 projectIds, $2 runIds. */
export const selectRuns = `
  select run.project_id as "projectId", run.run_id as "runId", run.state
  from unnest($1::text[], $2::text[]) as key (project_id, run_id)
  join run_summaries_v1 as run using (project_id, run_id)`;

/** $1 projectIds, $2 runIds, $3 testKeys. */
export const selectTests = `
  select test.project_id as "projectId", test.run_id as "runId", test.row
  from unnest($1::text[], $2::text[], $3::text[]) as key (project_id, run_id, test_key)
  join run_tests_v1 as test using (project_id, run_id, test_key)`;

/** Parameters: one array a column, as listed. */
export const upsertRuns: PreparedStatement = {
  name: 'upsert-runs-1',
  text: `
  insert into run_summaries_v1
    (project_id, run_id, status, branch, search, started_at, version, end_offset, summary, state)
  select project_id, run_id, status, branch, search, started_at, version, end_offset, summary::jsonb, state::jsonb
  from unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::text[], $10::text[]
  ) as run (project_id, run_id, status, branch, search, started_at, version, end_offset, summary, state)
  on conflict (project_id, run_id) do update set
    status = excluded.status, branch = excluded.branch, search = excluded.search, started_at = excluded.started_at,
    version = excluded.version, end_offset = excluded.end_offset, summary = excluded.summary, state = excluded.state`,
};

/** Parameters: one array a column, as listed. */
export const upsertTests: PreparedStatement = {
  name: 'upsert-run-tests-1',
  text: `
  insert into run_tests_v1 (project_id, run_id, test_key, outcome, search, version, row)
  select project_id, run_id, test_key, outcome, search, version, row::jsonb
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[])
    as test (project_id, run_id, test_key, outcome, search, version, row)
  on conflict (project_id, run_id, test_key) do update set
    outcome = excluded.outcome, search = excluded.search, version = excluded.version, row = excluded.row`,
};
