import type { PreparedStatement } from '#platform/database';

/** $1 projectIds, $2 runIds, $3 workerKeys, $4 hours. By the key, as tests are looked up. */
export const selectWorkers = (table: string): PreparedStatement => ({
  name: `select-${table}`,
  text: `
  select worker.project_id as "projectId", worker.run_id as "runId", worker.worker_key as "workerKey",
    worker.hour::float8 as hour, worker.minutes
  from unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) as key (project_id, run_id, worker_key, hour)
  cross join lateral (
    select * from ${table} as known
    where known.project_id = key.project_id and known.run_id = key.run_id and known.worker_key = key.worker_key
      and known.hour = key.hour
    offset 0
  ) as worker`,
});

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
