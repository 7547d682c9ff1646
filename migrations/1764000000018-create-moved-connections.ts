import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Connections on their way from one gateway to another. Unlogged: what a crash loses costs a reconnect. */
export class CreateMovedConnections1764000000018 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create unlogged table moved_connections (
        token_hash bytea primary key,
        moved json not null,
        expires_at timestamptz not null
      )
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table moved_connections');
  }
}
