/**
 * $1 projectId, $2 epoch milliseconds, $3 how many at most: plans the erasure of runs that have ended and of which nothing
 * has come since that moment. By start, which an index has, and no run ends before it: few rows are looked at in vain.
 */
export const planDue = `
insert into run_erasures (project_id, run_id, version)
select run.project_id, run.run_id, run.version
from run_summaries run
where run.project_id = $1 and run.started_at < $2::bigint and run.end_offset is not null
  and (run.state ->> 'lastEventAt')::bigint < $2::bigint
  and not exists (
    select from run_erasures known where known.project_id = run.project_id and known.run_id = run.run_id
  )
order by run.started_at, run.run_id
limit $3
on conflict do nothing`;

/** $1 projectId, $2 runId, $3 version: again where what was planned has been overtaken. */
export const planOne = `
insert into run_erasures as known (project_id, run_id, version) values ($1, $2, $3)
on conflict (project_id, run_id) do update set version = excluded.version where known.step = 'planned'`;

const columns = `project_id as "projectId", run_id as "runId", version::float8 as version, step, claim, failures,
  file, events::float8 as events, bytes::float8 as bytes`;

/** $1 claim, $2 lease in milliseconds: the one that has waited longest. */
export const claimNext = `
update run_erasures
set claim = $1, due_at = clock_timestamp() + $2 * interval '1 millisecond'
where (project_id, run_id) = (
  select due.project_id, due.run_id from run_erasures due
  where due.step <> 'erased' and due.due_at <= clock_timestamp()
  order by due.due_at limit 1
  for update skip locked
)
returning ${columns}`;

/** $1 claim, $2 lease in milliseconds, $3 projectId, $4 runId: that one, unless another process is at it. */
export const claimOne = `
update run_erasures
set claim = $1, due_at = clock_timestamp() + $2 * interval '1 millisecond'
where project_id = $3 and run_id = $4 and step <> 'erased' and (claim is null or due_at <= clock_timestamp())
returning ${columns}`;

/** $1 projectId, $2 runId. */
export const readErasure = `
select ${columns} from run_erasures where project_id = $1 and run_id = $2`;

const ours = 'project_id = $1 and run_id = $2 and claim = $3';

/** $1 projectId, $2 runId, $3 claim, $4 step, $5 file, $6 events, $7 bytes, $8 lease in milliseconds. */
export const reachStep = `
update run_erasures
set step = $4, file = coalesce($5, file), events = coalesce($6, events), bytes = coalesce($7, bytes), failures = 0,
  finished_at = case when $4 = 'erased' then clock_timestamp() end,
  due_at = clock_timestamp() + $8 * interval '1 millisecond'
where ${ours}
returning ${columns}`;

/** $1 projectId, $2 runId, $3 claim, $4 milliseconds, $5 failures: gives it back, due again after that time. */
export const putOff = `
update run_erasures
set claim = null, due_at = clock_timestamp() + $4 * interval '1 millisecond', failures = $5
where ${ours}`;

/** $1 projectId, $2 runId, $3 claim, $4 lease in milliseconds. */
export const renewClaim = `
update run_erasures set due_at = clock_timestamp() + $4 * interval '1 millisecond' where ${ours} returning 1`;

/** $1 projectId, $2 runId, $3 claim: the run is not what it was when this was planned. */
export const dropPlanned = `delete from run_erasures where ${ours} and step = 'planned'`;
