import { DataSource } from 'typeorm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connectionOptions } from '#platform/database';
import { createDatabase } from '#platform/testing';
import { bucketCount } from '../domain/duration-histogram.ts';
import { TrendRetention } from './trend-retention.ts';

const dayMs = 86_400_000;
const today = Math.floor(Date.now() / dayMs) * dayMs;

let database: DataSource;
beforeEach(async () => {
  database = await new DataSource(connectionOptions({ url: await createDatabase(), poolSize: 4 })).initialize();
});
afterEach(async () => {
  await database?.destroy();
});

/** The retention of a projector on this day after today. */
const onDay = (day: number, options: { minutesDays?: number; hoursDays?: number } = {}): TrendRetention =>
  new TrendRetention(database, { now: () => today + day * dayMs + 1 }, options);

/** Days after today that have a partition. */
async function partitions(): Promise<number[]> {
  const rows = await database.query<{ day: Date }[]>(
    `select to_timestamp(right(relname, 8), 'YYYYMMDD') at time zone 'UTC' at time zone current_setting('TimeZone') as day
     from pg_inherits join pg_class on pg_class.oid = inhrelid where inhparent = 'trend_minutes_v1'::regclass order by relname`,
  );
  return rows.map(({ day }) => Math.round((day.getTime() - today) / dayMs));
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n);

async function put(table: string, day: number): Promise<void> {
  await database.query(
    `insert into ${table} values ('shop', $1, 1, 1, 0, 0, 0, 1, 1, array_fill(0, array[${bucketCount}]))`,
    [new Date(today + day * dayMs)],
  );
}

/** Days after today of which the table has a row. */
async function daysIn(table: string): Promise<number[]> {
  const rows = await database.query<{ at: Date }[]>(`select at from ${table} order by at`);
  return rows.map(({ at }) => (at.getTime() - today) / dayMs);
}

it('has partitions for the days that are kept, and for a week ahead', async () => {
  expect(await partitions()).toEqual(range(-14, 7));
  await onDay(0).keep();
  expect(await partitions()).toEqual(range(-14, 7));
  await onDay(3).keep();
  expect(await partitions()).toEqual(range(-11, 10));
});

it('drops minutes and hours of the days that are over, and no others', async () => {
  for (const day of [-14, -13, -1, 0, 1]) await put('trend_minutes', day);
  for (const day of [-731, -730, -729, 0]) await put('trend_hours', day);
  for (const day of [-5000, -731, 0]) await put('trend_days', day);
  await onDay(0).keep();
  expect(await daysIn('trend_minutes')).toEqual([-14, -13, -1, 0, 1]);
  expect(await daysIn('trend_hours')).toEqual([-730, -729, 0]);
  await onDay(1).keep();
  expect(await daysIn('trend_minutes')).toEqual([-13, -1, 0, 1]);
  expect(await daysIn('trend_hours')).toEqual([-729, 0]);
  expect(await daysIn('trend_days')).toEqual([-5000, -731, 0]);
});

it('keeps more from the day on which it is told to, and what was dropped stays away', async () => {
  await onDay(0, { minutesDays: 2, hoursDays: 3 }).keep();
  expect(await partitions()).toEqual(range(-2, 7));
  await onDay(0, { minutesDays: 10 }).keep();
  expect(await partitions()).toEqual(range(-2, 7));
  await onDay(4, { minutesDays: 10 }).keep();
  expect(await partitions()).toEqual(range(-2, 11));
  const [{ since }] = await database.query<[{ since: Date }]>(`select since from trend_kept where step = 'hour'`);
  expect((since.getTime() - today) / dayMs).toBe(-3);
});

it('does it once when several projectors do it at the same time', async () => {
  await Promise.all(range(1, 4).map(() => onDay(2).keep()));
  expect(await partitions()).toEqual(range(-12, 9));
});

it('looks after the minutes of a build that is being filled as well', async () => {
  await database.query('create table trend_minutes_v2 (like trend_minutes_v1 including all) partition by range (at)');
  await onDay(0).keep();
  const [{ count }] = await database.query<[{ count: number }]>(
    `select count(*)::int as count from pg_inherits where inhparent = 'trend_minutes_v2'::regclass`,
  );
  expect(count).toBe(22);
});

it('forgets when workers were busy two weeks after it was written, however old the hour is', async () => {
  const put = (key: string, hour: number, seenOn: number) =>
    database.query(
      `insert into trend_workers_v1 values ('shop', 'r1', $1, $2, 1, ($3::timestamptz at time zone 'UTC')::date)`,
      [key, today + hour * dayMs, new Date(today + seenOn * dayMs)],
    );
  await put('rebuilt', -300, 0);
  await put('fresh', -14, -14);
  await put('old', -15, -15);
  await onDay(0).keep();
  const rows = await database.query<{ worker_key: string }[]>('select worker_key from trend_workers_v1 order by 1');
  expect(rows.map(({ worker_key }) => worker_key)).toEqual(['fresh', 'rebuilt']);
});

it('forgets what tests are corrected by when their hours are not kept any more, but not where it is being rebuilt', async () => {
  await database.query('create table trend_tests_v2 (like trend_tests_v1 including all)');
  for (const table of ['trend_tests_v1', 'trend_tests_v2']) {
    for (const [key, day] of Object.entries({ old: -731, kept: -730, fresh: 0 }))
      await database.query(`insert into ${table} values ('shop', 'r1', $1, 1, 1, 'passed', 10, false, false, $2)`, [
        key,
        today + day * dayMs,
      ]);
  }
  await onDay(0).keep();
  const keys = async (table: string) =>
    (await database.query<{ test_key: string }[]>(`select test_key from ${table} order by 1`)).map(
      (row) => row.test_key,
    );
  expect(await keys('trend_tests_v1')).toEqual(['fresh', 'kept']);
  expect(await keys('trend_tests_v2')).toEqual(['fresh', 'kept', 'old']);
});

it('makes the partitions when it starts, and ends with the application', async () => {
  const retention = onDay(5);
  await retention.onApplicationBootstrap();
  expect(await partitions()).toEqual(range(-9, 12));
  await retention.onModuleDestroy();
});
