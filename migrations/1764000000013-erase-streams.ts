import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createAppendAfterLook, createAppendEvents } from './append-events.sql.ts';

/**
 * Retention. A stream that is closed takes no more events, so that what is exported is all there is; what is asked of a
 * run's erasure, and how far it has come, is a row that any projector can take up.
 */
export class EraseStreams1764000000013 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // A constant default: no row is written.
    await queryRunner.query('alter table streams add column closed boolean not null default false');
    await queryRunner.query(`
      create table closed_streams (
        name text collate "C" primary key,
        closed_at timestamptz not null default clock_timestamp()
      )
    `);
    await queryRunner.query(`
      comment on table closed_streams is
        'names, and beginnings of names up to a slash: no stream of such a name may begin'
    `);
    // Another list of parameters would leave the old one beside it.
    await queryRunner.query('drop function if exists append_after_look');
    await queryRunner.query(createAppendAfterLook);
    await queryRunner.query(createAppendEvents);

    await queryRunner.query(`
      alter table projects add column retention_days integer check (retention_days between 0 and 36500)
    `);
    await queryRunner.query(`
      comment on column projects.retention_days is 'null = as the server is set, 0 = for ever'
    `);
    await queryRunner.query(`
      create table run_erasures (
        project_id text collate "C" not null,
        run_id text collate "C" not null,
        version bigint not null,
        step text not null default 'planned' check (step in ('planned', 'closed', 'exported', 'told', 'erased')),
        planned_at timestamptz not null default clock_timestamp(),
        finished_at timestamptz,
        due_at timestamptz not null default clock_timestamp(),
        claim uuid,
        failures integer not null default 0,
        file text,
        events bigint,
        bytes bigint,
        primary key (project_id, run_id)
      )
    `);
    await queryRunner.query(`
      comment on column run_erasures.version is
        'of the run''s stream when it was decided: when anything has come since, nothing is erased'
    `);
    await queryRunner.query(`create index run_erasures_due on run_erasures (due_at) where step <> 'erased'`);
    await queryRunner.query(createOutlivingProjections);
    await queryRunner.query(createRefusal);
    await queryRunner.query(createTrigger);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop trigger rebuild_needs_the_log on projection_builds');
    await queryRunner.query('drop function refuse_rebuild_without_log');
    await queryRunner.query('drop table projections_that_outlive_the_log, run_erasures');
    await queryRunner.query('alter table projects drop column retention_days');
    // The append function reads what goes here: going further down drops it.
    await queryRunner.query('drop table closed_streams');
    await queryRunner.query('alter table streams drop column closed');
  }
}

export const createOutlivingProjections = `
  create table projections_that_outlive_the_log (projection text primary key);
  insert into projections_that_outlive_the_log values ('trends')`;

/**
 * In the database, since a rebuild is ordered by whoever comes: an operator's command, or a projector of a newer release.
 * Each would fill new tables from stubs, and show zeros where there were results.
 */
export const createRefusal = `
  create or replace function refuse_rebuild_without_log() returns trigger language plpgsql as $$
  begin
    if exists (select from projections_that_outlive_the_log p where p.projection = new.projection)
      and exists (select from closed_streams) then
      raise exception '"%" cannot be rebuilt: events that it was made of have been erased, and its rows are all that is left of them.',
        new.projection;
    end if;
    return new;
  end
  $$`;

export const createTrigger = `
  create trigger rebuild_needs_the_log before insert on projection_builds
  for each row when (new.state = 'filling') execute function refuse_rebuild_without_log()`;
