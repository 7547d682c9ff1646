import type { PreparedStatement } from '#platform/database';

export const bucketColumns = 'project_id, at, results, passed, failed, flaky, skipped, attempts, workers, durations';

/**
 * Parameters: one array a column, as listed; times as text, histograms as the text of an array. Runs of several slots write
 * one row: they add to it, and lock their rows in one order, or two of them could wait for each other.
 */
const addTo = (table: string, { where, workers }: { where: string; workers: string }): string => `
  insert into ${table} as kept (${bucketColumns})
  select project_id, at, results, passed, failed, flaky, skipped, attempts, workers, durations::integer[]
  from unnest(
    $1::text[], $2::timestamptz[], $3::integer[], $4::integer[], $5::integer[], $6::integer[], $7::integer[], $8::integer[],
    $9::integer[], $10::text[]
  ) as delta (${bucketColumns})
  where ${where}
  order by project_id collate "C", at
  on conflict (project_id, at) do update set
    results = kept.results + excluded.results, passed = kept.passed + excluded.passed,
    failed = kept.failed + excluded.failed, flaky = kept.flaky + excluded.flaky,
    skipped = kept.skipped + excluded.skipped, attempts = kept.attempts + excluded.attempts,
    workers = ${workers}, durations = add_histograms(kept.durations, excluded.durations)`;

const sum = 'kept.workers + excluded.workers';

/**
 * Leaves out minutes that are not kept any more. The statement locks the table before it looks, so that no partition goes
 * between the look and the write; one of a day that is kept and was not made yet fails it (23514).
 */
export const addToMinutes = (table: string): PreparedStatement => ({
  name: `add-to-${table}`,
  text: addTo(table, { where: `at >= (select since from trend_kept where step = 'minute')`, workers: sum }),
});

/** As the job that makes partitions ahead does: two that make one at once would fail. */
export const makeInTurn = `select pg_advisory_xact_lock(hashtext('trend-retention'))`;

/** $1 table of minutes, $2 times: makes the partitions of their days, where these are kept. */
export const makeDaysOf = `
  select create_trend_days($1, day, day)
  from (
    select distinct (at at time zone 'UTC')::date as day
    from unnest($2::timestamptz[]) as at
    where at >= (select since from trend_kept where step = 'minute')
  ) as kept
  order by day`;

/** Leaves out hours that are not kept any more: a correction of one that was deleted would make a row of its own. */
export const addToHours = (table: string): PreparedStatement => ({
  name: `add-to-${table}`,
  text: `${addTo(table, { where: `at >= (select since from trend_kept where step = 'hour')`, workers: sum })}
  returning project_id as "projectId", (extract(epoch from at) * 1000)::float8 as at, workers`,
});

/** Workers of a day are the most of one of its hours, which only ever grow. */
export const addToDays = (table: string): PreparedStatement => ({
  name: `add-to-${table}`,
  text: addTo(table, { where: 'true', workers: 'greatest(kept.workers, excluded.workers)' }),
});
