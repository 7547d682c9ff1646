import type { PreparedStatement } from '#platform/database';

/**
 * $1 saga, $2 milliseconds to wait where nobody said, then one array a column: keys, opens, versions, last_ats, wait_ms.
 * Rows are locked by ascending key, since signs of one run come from several slots, and so from several transactions.
 * Every column takes what comes in any order of the slots; open, version and wait_ms come from one slot alone. due_at moves
 * only to come earlier, for a shorter wait or after a claim that led to nothing: a lease may be longer than the wait.
 */
export const renewDeadlines: PreparedStatement = {
  name: 'renew-deadlines',
  text: `
  insert into saga_deadlines as deadline (saga, key, open, version, last_at, wait_ms, due_at)
  select $1, key, open, version, last_at, wait_ms, last_at + coalesce(wait_ms, $2::bigint)
  from unnest($3::text[], $4::boolean[], $5::bigint[], $6::bigint[], $7::bigint[])
    as sign (key, open, version, last_at, wait_ms)
  order by key
  on conflict (saga, key) do update set
    open = coalesce(excluded.open, deadline.open),
    version = greatest(deadline.version, excluded.version),
    last_at = greatest(deadline.last_at, excluded.last_at),
    wait_ms = coalesce(deadline.wait_ms, excluded.wait_ms),
    due_at = least(
      deadline.due_at,
      greatest(deadline.last_at, excluded.last_at) + coalesce(deadline.wait_ms, excluded.wait_ms, $2::bigint)
    )`,
};

/** $1 saga: the server's clock, and whether a row is to be looked at. */
export const lookForDue = `
  select clock.now::float8 as now, exists (
    select from saga_deadlines where saga = $1 and open and due_at <= clock.now
  ) as due
  from (select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now) as clock`;

/**
 * $1 saga, $2 milliseconds, $3 limit: removes what has ended, or has never begun, and has been silent for so long. Rows
 * that somebody holds are left for the next time, so that no order of locks is crossed.
 */
export const forgetEnded = `
  with old as (
    select saga, key
    from saga_deadlines
    where saga = $1 and open is not true
      and last_at < floor(extract(epoch from clock_timestamp()) * 1000)::bigint - $2::bigint
    order by key
    limit $3
    for update skip locked
  )
  delete from saga_deadlines as deadline using old
  where deadline.saga = old.saga and deadline.key = old.key
  returning 1`;

/**
 * $1 saga, $2 milliseconds to wait where nobody said, $3 up to when every event has been seen, $4 lease, $5 limit.
 * Rows that have shown life since they were last looked at are only put off; the others are claimed for the lease, and
 * are due again after it, should whoever claimed them die.
 */
export const claimDeadlines = `
  with due as (
    select saga, key
    from saga_deadlines
    where saga = $1 and open and due_at <= $3::bigint
    order by due_at
    limit $5
    for update skip locked
  ), looked_at as (
    update saga_deadlines as deadline
    set due_at = case
      when deadline.last_at + coalesce(deadline.wait_ms, $2::bigint) > $3::bigint
      then deadline.last_at + coalesce(deadline.wait_ms, $2::bigint)
      else floor(extract(epoch from clock_timestamp()) * 1000)::bigint + $4::bigint
    end
    from due
    where deadline.saga = due.saga and deadline.key = due.key
    returning deadline.key, deadline.version, deadline.last_at + coalesce(deadline.wait_ms, $2::bigint) <= $3::bigint as expired
  )
  select key, version::float8 as version, expired from looked_at order by key`;
