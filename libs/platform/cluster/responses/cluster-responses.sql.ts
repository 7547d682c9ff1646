/**
 * $1 fingerprint, $2 start of the alert, $3 alert, $4 action, $5 server, $6 milliseconds after which it is undone. An alert that
 * is told again while it is answered lasts as long from now; one that was dealt with is not answered twice.
 */
export const beginResponse = `
  insert into cluster_responses (fingerprint, alert_started_at, alert, action, server_id, undo_at)
  values ($1, $2, $3, $4, $5, now() + $6::float8 * interval '1 millisecond')
  on conflict (fingerprint, alert_started_at) do update set undo_at = excluded.undo_at
  where cluster_responses.state = 'running' and cluster_responses.resolved_at is null
  returning id, xmax = 0 as begun`;

/**
 * $1 fingerprint, $2 start of the alert, $3 milliseconds after which it is undone. One that was given up since nobody told of it,
 * and not because it was resolved or could not be answered, still fires when somebody tells of it: it begins anew.
 */
export const beginResponseAnew = `
  update cluster_responses
  set state = 'running', started_at = now(), undo_at = now() + $3::float8 * interval '1 millisecond', attempts = 0,
    claimed_until = '-infinity', acted_at = null, ended_at = null, undone_at = null, floor_before = null, floor_raised = null,
    detail = null
  where fingerprint = $1 and alert_started_at = $2 and state in ('done', 'undone') and resolved_at is null
  returning id`;

/** $1 fingerprint, $2 start of the alert. */
export const resolveResponse = `
  update cluster_responses set resolved_at = now()
  where fingerprint = $1 and alert_started_at = $2 and state = 'running' and resolved_at is null
  returning id`;

/** $1 milliseconds of the lease, $2 whether raised floors can be given back. Several gateways that look at once get different rows. */
export const claimResponse = `
  update cluster_responses set claimed_until = now() + $1::float8 * interval '1 millisecond'
  where id = (
    select id from cluster_responses
    where state = 'running' and claimed_until <= now() and ($2::boolean or floor_raised is null)
      and (acted_at is null or resolved_at is not null or undo_at <= now())
    order by started_at
    limit 1
    for update skip locked)
  returning id, alert, action, attempts, acted_at is not null as acted,
    resolved_at is not null or undo_at <= now() as over`;

/** $1 id, $2 detail. */
export const responseActed = `
  update cluster_responses set acted_at = now(), claimed_until = now(), detail = $2
  where id = $1 and state = 'running'`;

/** $1 id, $2 state, $3 detail, $4 whether something was given back. */
export const endResponse = `
  update cluster_responses
  set state = $2, detail = coalesce($3, detail), ended_at = now(), undone_at = case when $4 then now() end
  where id = $1 and state = 'running'`;

/** $1 id, $2 detail, $3 milliseconds until it is tried again. */
export const postponeResponse = `
  update cluster_responses
  set attempts = attempts + 1, detail = $2, claimed_until = now() + $3::float8 * interval '1 millisecond'
  where id = $1 and state = 'running'`;

/** $1 how many. Times are epoch milliseconds. */
export const recentResponses = `
  select id, alert, action, server_id as "serverId", state, detail,
    floor(extract(epoch from started_at) * 1000)::float8 as "startedAt",
    floor(extract(epoch from ended_at) * 1000)::float8 as "endedAt",
    floor(extract(epoch from undone_at) * 1000)::float8 as "undoneAt"
  from cluster_responses order by started_at desc, id limit $1`;

/** What ended more than a month ago, and all but the newest thousand. */
export const forgetResponses = `
  delete from cluster_responses where state <> 'running' and (started_at < now() - interval '30 days'
    or id in (select id from cluster_responses order by started_at desc offset 1000))`;

/** Whoever changes the floor of pods does so alone, until its transaction ends. */
export const lockFloor = `select pg_advisory_xact_lock(hashtext('testcast.cluster_responses.floor'))`;

/**
 * $1 a response that ends, or null. `before`: the floor before the first response that is in effect; `raised`: the highest
 * that responses asked for; `kept`: the highest of those that do not end; `ours`: every floor that responses know of.
 */
export const floorInEffect = `
  select min(floor_before) as before, max(floor_raised) as raised,
    max(floor_raised) filter (where id is distinct from $1::uuid) as kept,
    coalesce(array_agg(floor_raised) || array_agg(floor_before), '{}') as ours
  from cluster_responses where state = 'running' and floor_raised is not null`;

/** $1 the floor that somebody else has set: that one is given back. */
export const adoptFloor = `
  update cluster_responses set floor_before = $1 where state = 'running' and floor_raised is not null`;

/** $1 id, $2 the floor before, $3 the floor asked for. Once: what is tried again asks for the same. */
export const rememberFloor = `
  update cluster_responses
  set floor_before = coalesce(floor_before, $2), floor_raised = coalesce(floor_raised, $3)
  where id = $1`;
