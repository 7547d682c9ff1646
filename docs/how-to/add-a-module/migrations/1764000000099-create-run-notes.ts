import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The rows of notes, as the projection `run-notes` 1 writes them; queries read the view. The text stands here once more: a
 * migration must not change when the code does.
 */
export class CreateRunNotes1764000000099 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table run_notes_v1 (
        project_id text collate "C" not null,
        run_id text collate "C" not null,
        version bigint not null,
        note_id uuid not null,
        text text not null,
        author text not null,
        at bigint not null,
        primary key (project_id, run_id, version)
      )
    `);
    await queryRunner.query('create view run_notes as select * from run_notes_v1');
    await queryRunner.query(`
      insert into projection_builds (projection, number, version, state, tables, filled)
      values ('run-notes', 1, 1, 'live', '{run_notes}', true)
    `);
    await queryRunner.query(`
      insert into projection_checkpoints (projection, version, slot)
      select 'run-notes', 1, slot from generate_series(0, 255) as slot
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`delete from projection_builds where projection = 'run-notes'`);
    await queryRunner.query(`delete from projection_checkpoints where projection = 'run-notes'`);
    await queryRunner.query('drop view run_notes');
    await queryRunner.query('drop table run_notes_v1');
  }
}
