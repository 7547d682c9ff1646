import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateRunReadModels1764000000004 implements MigrationInterface {
  async up(_queryRunner: QueryRunner): Promise<void> {}

  async down(_queryRunner: QueryRunner): Promise<void> {}
}
