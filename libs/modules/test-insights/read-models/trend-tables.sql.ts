import type { ProjectionTable } from '#platform/messaging';

/** A test in a run, as it counts; `counted_at` (milliseconds) is when it first had an outcome, and counts for ever. */
const tests: ProjectionTable = {
  create: (table) => `
    create table if not exists ${table} (
      project_id text collate "C" not null,
      run_id text collate "C" not null,
      test_key text collate "C" not null,
      rerun bigint not null,
      attempt integer not null,
      status text not null,
      duration_ms bigint not null,
      failed boolean not null,
      interrupted boolean not null,
      counted_at bigint,
      primary key (project_id, run_id, test_key)
    ) with (fillfactor = 90)`,
  // Rows lie about in the order in which they were counted, so a few pages of an index find those of two years ago.
  indexes: (table) => [
    `create index if not exists ${table}_counted on ${table} using brin (counted_at) with (autosummarize = on)`,
  ],
};

/** `minutes` of the hour (milliseconds) in which a worker was busy, bit 0 for the first. */
const workers: ProjectionTable = {
  create: (table) => `
    create table if not exists ${table} (
      project_id text collate "C" not null,
      run_id text collate "C" not null,
      worker_key text collate "C" not null,
      hour bigint not null,
      minutes bigint not null,
      seen_on date not null,
      primary key (project_id, run_id, worker_key, hour)
    ) with (fillfactor = 80)`,
  indexes: (table) => [`create index if not exists ${table}_seen on ${table} (seen_on)`],
};

/** `durations` is a histogram of `bucketCount` buckets, of the tests that ran. */
const bucket = `
      project_id text collate "C" not null,
      at timestamptz not null,
      results integer not null,
      passed integer not null,
      failed integer not null,
      flaky integer not null,
      skipped integer not null,
      attempts integer not null,
      workers integer not null,
      durations integer[] not null,
      primary key (project_id, at)`;

/** In partitions of a day; those of another build begin where those of the live one do. */
const minutes: ProjectionTable = {
  create: (table) => `
    create table if not exists ${table} (${bucket}) partition by range (at);
    select create_trend_days(
      '${table}', (since at time zone 'UTC')::date, (now() at time zone 'UTC')::date + 7)
    from trend_kept where step = 'minute'`,
};

// A bucket that is open is written with every batch: none of what is indexed changes, and the update stays on its page.
const hours: ProjectionTable = {
  create: (table) => `create table if not exists ${table} (${bucket}) with (fillfactor = 70)`,
  indexes: (table) => [`create index if not exists ${table}_age on ${table} (at)`],
};
const days: ProjectionTable = {
  create: (table) => `create table if not exists ${table} (${bucket}) with (fillfactor = 70)`,
};

/** What the projection writes, by the names that queries read. */
export const trendTables = {
  trend_tests: tests,
  trend_workers: workers,
  trend_minutes: minutes,
  trend_hours: hours,
  trend_days: days,
};
