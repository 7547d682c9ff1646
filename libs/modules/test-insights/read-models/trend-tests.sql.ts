import type { PreparedStatement } from '#platform/database';

/**
 * $1 projectIds, $2 runIds, $3 testKeys. By the key, one row after the other: `offset 0` keeps the planner from reading the
 * whole table, of which it knows nothing while it is being filled, and the one plan that is kept stays good.
 */
export const selectTests = (table: string): PreparedStatement => ({
  name: `select-${table}`,
  text: `
  select test.project_id as "projectId", test.run_id as "runId", test.test_key as "testKey", test.rerun::float8 as rerun,
    test.attempt, test.status, test.duration_ms::float8 as "durationMs", test.failed, test.interrupted,
    test.counted_at::float8 as "countedAt"
  from unnest($1::text[], $2::text[], $3::text[]) as key (project_id, run_id, test_key)
  cross join lateral (
    select * from ${table} as known
    where known.project_id = key.project_id and known.run_id = key.run_id and known.test_key = key.test_key
    offset 0
  ) as test`,
});

/** Parameters: one array a column, as listed. */
export const upsertTests = (table: string): PreparedStatement => ({
  name: `upsert-${table}`,
  text: `
  insert into ${table}
    (project_id, run_id, test_key, rerun, attempt, status, duration_ms, failed, interrupted, counted_at)
  select * from unnest(
    $1::text[], $2::text[], $3::text[], $4::bigint[], $5::integer[], $6::text[], $7::bigint[], $8::boolean[],
    $9::boolean[], $10::bigint[]
  )
  on conflict (project_id, run_id, test_key) do update set
    rerun = excluded.rerun, attempt = excluded.attempt, status = excluded.status, duration_ms = excluded.duration_ms,
    failed = excluded.failed, interrupted = excluded.interrupted, counted_at = excluded.counted_at`,
});
