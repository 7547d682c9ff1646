import type { PreparedStatement } from '#platform/database';

/*
 * The tables are parameters, since a rebuild fills others than those that are read. What a batch touches is looked up by
 * the key, one row after the other (`offset 0` keeps the planner from anything else): while a table is being filled nothing
 * is known of its size, and a plan that reads it as a whole would cost more with every batch.
 */

/** $1 projectIds, $2 runIds. */
export const selectRuns = (table: string): PreparedStatement => ({
  name: `select-${table}`,
  text: `
  select run.project_id as "projectId", run.run_id as "runId", run.state
  from unnest($1::text[], $2::text[]) as key (project_id, run_id)
  cross join lateral (
    select * from ${table} as known where known.project_id = key.project_id and known.run_id = key.run_id offset 0
  ) as run`,
});

/** $1 projectIds, $2 runIds, $3 testKeys. */
export const selectTests = (table: string): PreparedStatement => ({
  name: `select-${table}`,
  text: `
  select test.project_id as "projectId", test.run_id as "runId", test.row
  from unnest($1::text[], $2::text[], $3::text[]) as key (project_id, run_id, test_key)
  cross join lateral (
    select * from ${table} as known
    where known.project_id = key.project_id and known.run_id = key.run_id and known.test_key = key.test_key
    offset 0
  ) as test`,
});

/** $1 projectIds, $2 runIds: all rows of these runs. */
export const deleteOfRuns = (table: string): string => `
  delete from ${table} as known
  using unnest($1::text[], $2::text[]) as key (project_id, run_id)
  where known.project_id = key.project_id and known.run_id = key.run_id`;

/** $1 records as one JSON array. */
export const upsertRuns = (table: string): PreparedStatement => ({
  name: `upsert-${table}`,
  text: `
  insert into ${table}
    (project_id, run_id, status, branch, search, started_at, version, end_offset, summary, state)
  select project_id, run_id, status, branch, search, started_at, version, end_offset, summary, state
  from jsonb_to_recordset($1::jsonb) as run (
    project_id text, run_id text, status text, branch text, search text, started_at bigint, version bigint,
    end_offset bigint, summary jsonb, state jsonb
  )
  on conflict (project_id, run_id) do update set
    status = excluded.status, branch = excluded.branch, search = excluded.search, started_at = excluded.started_at,
    version = excluded.version, end_offset = excluded.end_offset, summary = excluded.summary, state = excluded.state`,
});

/** Parameters: one array a column, as listed; rows as their JSON. */
export const upsertTests = (table: string): PreparedStatement => ({
  name: `upsert-${table}`,
  text: `
  insert into ${table} (project_id, run_id, test_key, outcome, search, version, row)
  select project_id, run_id, test_key, outcome, search, version, row::json
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[])
    as test (project_id, run_id, test_key, outcome, search, version, row)
  on conflict (project_id, run_id, test_key) do update set
    outcome = excluded.outcome, search = excluded.search, version = excluded.version, row = excluded.row`,
});
