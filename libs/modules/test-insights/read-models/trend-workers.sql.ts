import type { PreparedStatement } from '#platform/database';

/** $1 projectIds, $2 runIds, $3 workerKeys, $4 hours. */
export const selectWorkers = (table: string): string => `
  select project_id as "projectId", run_id as "runId", worker_key as "workerKey", hour::float8 as hour, minutes
  from unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) as key (project_id, run_id, worker_key, hour)
  join ${table} as worker using (project_id, run_id, worker_key, hour)`;

/** Parameters: one array a column, as listed. */
export const upsertWorkers = (table: string): PreparedStatement => ({
  name: `upsert-${table}`,
  text: `
  insert into ${table} (project_id, run_id, worker_key, hour, minutes, seen_on)
  select worker.*, (now() at time zone 'UTC')::date
  from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[]) as worker
  on conflict (project_id, run_id, worker_key, hour) do update set
    minutes = excluded.minutes, seen_on = excluded.seen_on`,
});
