import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What sagas wait for: one row for each thing that must not stay silent. Rows of what has ended stay for a month, since
 * an event of another slot may come after the end and must not begin the wait anew.
 */
export class CreateSagas1764000000005 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // A sign of life writes last_at alone, which no index holds: the update stays on its page (HOT).
    await queryRunner.query(`
      create table saga_deadlines (
        saga text not null,
        key text collate "C" not null,
        open boolean,
        version bigint,
        last_at bigint not null,
        wait_ms bigint check (wait_ms > 0),
        due_at bigint not null,
        primary key (saga, key)
      ) with (fillfactor = 70)
    `);
    await queryRunner.query(`
      comment on column saga_deadlines.due_at is
        'when the row is looked at again, not when the wait ends: that is last_at + wait_ms, and may have moved since'
    `);
    await queryRunner.query(`
      comment on column saga_deadlines.open is
        'null until the beginning has been read, which may be in another slot than the first sign of life'
    `);
    await queryRunner.query('create index saga_deadlines_due on saga_deadlines (saga, due_at) where open');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table saga_deadlines');
  }
}
