import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Roll-ups of results a project, by minute, hour and day, as the projection `trends` 1 writes them; queries read the views.
 * Minutes are in partitions of a day, which a job makes ahead and drops: `trend_kept` says from when on there are some.
 */
export class CreateTrends1764000000008 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table trend_tests_v1 (
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
      ) with (fillfactor = 90)
    `);
    await queryRunner.query(`
      comment on column trend_tests_v1.counted_at is
        'epoch milliseconds at which the test first had an outcome: it counts in the buckets of this moment for ever'
    `);
    await queryRunner.query(`
      create table trend_workers_v1 (
        project_id text collate "C" not null,
        run_id text collate "C" not null,
        worker_key text collate "C" not null,
        hour bigint not null,
        minutes bigint not null,
        seen_on date not null,
        primary key (project_id, run_id, worker_key, hour)
      ) with (fillfactor = 80)
    `);
    await queryRunner.query(`
      comment on column trend_workers_v1.minutes is 'the minutes of the hour in which it was busy, bit 0 for the first'
    `);
    await queryRunner.query('create index trend_workers_v1_seen on trend_workers_v1 (seen_on)');

    // A bucket that is open is written with every batch: none of what is indexed changes, and the update stays on its page.
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
    await queryRunner.query(`create table trend_minutes_v1 (${bucket}) partition by range (at)`);
    await queryRunner.query(`create table trend_hours_v1 (${bucket}) with (fillfactor = 70)`);
    await queryRunner.query('create index trend_hours_v1_age on trend_hours_v1 (at)');
    await queryRunner.query(`create table trend_days_v1 (${bucket}) with (fillfactor = 70)`);
    await queryRunner.query(`
      comment on column trend_days_v1.durations is
        'a histogram of the durations of tests that ran: buckets that grow by the factor 1.05 / 0.95, from 1 ms'
    `);
    for (const name of views) await queryRunner.query(`create view ${name} as select * from ${name}_v1`);
    await queryRunner.query(`
      insert into projection_builds (projection, number, version, state, tables, filled)
      values ('trends', 1, 1, 'live', '{${views.join(',')}}', true)
    `);
    await queryRunner.query(`
      insert into projection_checkpoints (projection, version, slot)
      select 'trends', 1, slot from generate_series(0, 255) as slot on conflict do nothing
    `);

    await queryRunner.query('create table trend_kept (step text primary key, since timestamptz not null)');
    await queryRunner.query(`
      insert into trend_kept (step, since)
      select step, date_trunc('day', now(), 'UTC') - days * interval '24 hours'
      from (values ('minute', 14), ('hour', 730)) as kept (step, days)
    `);
    await queryRunner.query(addHistograms);
    await queryRunner.query(createTrendDays);
    await queryRunner.query(`
      select create_trend_days('trend_minutes_v1', today - 14, today + 7)
      from (select (now() at time zone 'UTC')::date as today) as clock
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`delete from projection_builds where projection = 'trends'`);
    await queryRunner.query(`delete from projection_checkpoints where projection = 'trends'`);
    await queryRunner.query('drop view trend_tests, trend_workers, trend_minutes, trend_hours, trend_days');
    await queryRunner.query(`
      drop table trend_tests_v1, trend_workers_v1, trend_minutes_v1, trend_hours_v1, trend_days_v1, trend_kept
    `);
    await queryRunner.query('drop function create_trend_days, add_histograms');
  }
}

const views = ['trend_tests', 'trend_workers', 'trend_minutes', 'trend_hours', 'trend_days'];

const addHistograms = `
  create or replace function add_histograms(a integer[], b integer[]) returns integer[]
  language sql immutable parallel safe as $$
    select array_agg(x + y order by bucket) from unnest(a, b) with ordinality as both_of (x, y, bucket)
  $$`;

/** Made apart and then attached: `create table … partition of` would wait for all who write, and they for it. */
const createTrendDays = `
  create or replace function create_trend_days(parent text, first_day date, last_day date) returns void
  language plpgsql as $$
  declare
    day date;
    child text;
  begin
    for day in select generate_series(first_day, last_day, interval '1 day')::date loop
      child := parent || to_char(day, '"_"YYYYMMDD');
      continue when to_regclass(child) is not null;
      execute format('create table %I (like %I including all) with (fillfactor = 70)', child, parent);
      execute format(
        'alter table %I attach partition %I for values from (%L) to (%L)',
        parent, child, to_char(day, 'YYYY-MM-DD') || ' 00:00+00', to_char(day + 1, 'YYYY-MM-DD') || ' 00:00+00');
    end loop;
  end
  $$`;
