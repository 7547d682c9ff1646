import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateAccess1764000000003 implements MigrationInterface {
  async up(_queryRunner: QueryRunner): Promise<void> {}

  async down(_queryRunner: QueryRunner): Promise<void> {}
}
