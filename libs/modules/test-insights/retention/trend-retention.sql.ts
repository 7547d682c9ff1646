/** One projector at a time; the others have nothing to do. */
export const takeTurn = `select pg_try_advisory_xact_lock(hashtext('trend-retention')) as "isOurs"`;

/** A partition that is dropped waits for its readers, and everybody else for it: not for long. */
export const waitShortly = `set local lock_timeout = '2s'`;

/**
 * $1 step, $2 moment. Where what is kept begins only ever moves on: what was dropped does not come back when the setting
 * is raised.
 */
export const moveKept = `
  insert into trend_kept (step, since) values ($1, $2)
  on conflict (step) do update set since = greatest(trend_kept.since, excluded.since)
  returning since`;

/** $1 name: its tables, one a build of the projection. Partitions of such a table have longer names. */
export const tablesOf = `
  select relname as name from pg_class
  where relkind in ('r', 'p') and relname ~ ('^' || $1 || '_v[0-9]+$') and pg_table_is_visible(oid)
  order by relname`;

/** $1 name: the table that queries read. */
export const liveTableOf = `
  select $1 || '_v' || number as name from projection_builds where projection = 'trends' and state = 'live'`;

/** $1 table, $2 first day, $3 last day. */
export const createDays = `
  select create_trend_days($1, ($2::timestamptz at time zone 'UTC')::date, ($3::timestamptz at time zone 'UTC')::date)`;

/** $1 table, $2 moment: partitions of days that end before it, as they are written in a statement. */
export const daysBefore = `
  select format('%I', child.relname) as name
  from pg_inherits join pg_class as child on child.oid = inhrelid
  where inhparent = to_regclass($1)
    and right(child.relname, 8) < to_char($2::timestamptz at time zone 'UTC', 'YYYYMMDD')
  order by 1`;

/** $1 moment: some of the hours before it, so that no transaction is long. */
export const deleteHours = (table: string): string => `
  delete from ${table} where ctid = any(array(select ctid from ${table} where at < $1 limit 5000))`;

/**
 * $1 moment: some of the workers that have not been written since that day. By when they were written, not by when they
 * worked, so that a rebuild, which writes old hours now, does not lose what it still compares with.
 */
export const deleteWorkers = (table: string): string => `
  delete from ${table} where ctid = any(array(
    select ctid from ${table} where seen_on < ($1::timestamptz at time zone 'UTC')::date limit 5000))`;

/** $1 epoch milliseconds: some of the tests that were counted before it. */
export const deleteTests = (table: string): string => `
  delete from ${table} where ctid = any(array(select ctid from ${table} where counted_at < $1::bigint limit 5000))`;
