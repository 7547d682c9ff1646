import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateEventStore1764000000001 implements MigrationInterface {
  async up(_queryRunner: QueryRunner): Promise<void> {}

  async down(_queryRunner: QueryRunner): Promise<void> {}
}
