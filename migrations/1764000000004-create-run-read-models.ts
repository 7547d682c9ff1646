import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Runs and their tests, as the projection `runs` 1 writes them; queries read the views, which a rebuild replaces.
 * Ids are compared as bytes ("C"), which is what keyset paging promises and what the indexes are fastest at.
 */
export class CreateRunReadModels1764000000004 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table run_summaries_v1 (
        project_id text collate "C" not null,
        run_id text collate "C" not null,
        status text not null,
        branch text,
        search text not null,
        started_at bigint not null,
        version bigint not null,
        end_offset bigint,
        summary jsonb not null,
        state jsonb not null,
        primary key (project_id, run_id)
      ) with (fillfactor = 70)
    `);
    await queryRunner.query(`
      comment on column run_summaries_v1.state is
        'what the next events are folded into; the summary is made of it, the other columns are for finding it'
    `);
    // A running run is written with every batch: none of what is indexed changes then, and the update stays on its page.
    await queryRunner.query(`
      create index run_summaries_v1_newest on run_summaries_v1 (project_id, started_at desc, run_id desc)
    `);
    await queryRunner.query(`
      create index run_summaries_v1_status on run_summaries_v1 (project_id, status, started_at desc, run_id desc)
    `);
    await queryRunner.query(`
      create index run_summaries_v1_branch on run_summaries_v1 (project_id, branch, started_at desc, run_id desc)
    `);

    await queryRunner.query(`
      create table run_tests_v1 (
        project_id text collate "C" not null,
        run_id text collate "C" not null,
        test_key text collate "C" not null,
        outcome text not null,
        search text not null,
        version bigint not null,
        row jsonb not null,
        primary key (project_id, run_id, test_key)
      ) with (fillfactor = 80)
    `);
    // Only of the outcomes that people look for and that are few: an index of all would be written for every result.
    await queryRunner.query(`
      create index run_tests_v1_to_look_at on run_tests_v1 (project_id, run_id, outcome, test_key)
      where outcome in ('failed', 'flaky')
    `);

    await queryRunner.query('create view run_summaries as select * from run_summaries_v1');
    await queryRunner.query('create view run_tests as select * from run_tests_v1');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop view run_tests, run_summaries');
    await queryRunner.query('drop table run_tests_v1, run_summaries_v1');
  }
}
