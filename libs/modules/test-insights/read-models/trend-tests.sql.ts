import type { PreparedStatement } from '#platform/database';

/** $1 projectIds, $2 runIds, $3 testKeys. */
export const selectTests = (table: string): string => `
  select project_id as "projectId", run_id as "runId", test_key as "testKey", rerun::float8 as rerun, attempt, status,
    duration_ms::float8 as "durationMs", failed, interrupted, counted_at::float8 as "countedAt"
  from unnest($1::text[], $2::text[], $3::text[]) as key (project_id, run_id, test_key)
  join ${table} as test using (project_id, run_id, test_key)`;

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
