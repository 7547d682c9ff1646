import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When a drained gateway was last there: those that are gone for good, such as pods, leave a row each. */
export class ForgetDrains1764000000024 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'alter table cluster_drains add column seen_at timestamptz not null default clock_timestamp()',
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table cluster_drains drop column seen_at');
  }
}
