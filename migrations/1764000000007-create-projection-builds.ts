import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Which tables a projection's rows are in (`<name>_v<number>`), which are being filled, who works on them, and what was
 * decided about events that could not be applied.
 */
export class CreateProjectionBuilds1764000000007 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table projection_builds (
        projection text not null,
        number integer not null check (number > 0),
        version integer,
        state text not null check (state in ('filling', 'live', 'retired')),
        tables text[] not null default '{}',
        filled boolean not null default false,
        ordered_at timestamptz not null default clock_timestamp(),
        live_at timestamptz,
        sampled_at timestamptz not null default clock_timestamp(),
        sampled_done bigint not null default 0,
        primary key (projection, number)
      )
    `);
    await queryRunner.query(`
      comment on column projection_builds.version is
        'the version of the code that writes the rows; null = ordered, and not yet taken up by anybody'
    `);
    await queryRunner.query(`
      create unique index projection_builds_one on projection_builds (projection, state) where state <> 'retired'
    `);
    // The tables that an earlier migration made for the first version.
    await queryRunner.query(`
      insert into projection_builds (projection, number, version, state, tables, filled)
      values ('runs', 1, 1, 'live', '{run_summaries,run_tests}', true)
    `);

    await queryRunner.query(`
      insert into projection_checkpoints (projection, version, slot)
      select 'runs', 1, slot from generate_series(0, 255) as slot on conflict do nothing
    `);

    // Beats of a second: nothing of it is worth writing to the log of the database.
    await queryRunner.query(`
      create unlogged table projectors (
        id uuid primary key,
        versions jsonb not null,
        seen_at timestamptz not null default clock_timestamp()
      ) with (fillfactor = 50)
    `);

    await queryRunner.query(`
      alter table parked_streams
        add column ordered text check (ordered in ('replay', 'discard')),
        add column ordered_at timestamptz
    `);
    await queryRunner.query(`
      create table discarded_events (
        projection text not null,
        stream text not null,
        version bigint not null,
        error text not null,
        discarded_at timestamptz not null default clock_timestamp(),
        primary key (projection, stream, version)
      )
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table discarded_events');
    await queryRunner.query('alter table parked_streams drop column ordered, drop column ordered_at');
    await queryRunner.query('drop table projectors');
    await queryRunner.query('drop table projection_builds');
  }
}
