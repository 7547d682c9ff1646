import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createAppendEvents } from './append-events.sql.ts';

/** A newer append function: it locks its slots in the subtransaction that writes them, so that they get no multixacts. */
export class LockWhereWritten1764000000023 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(createAppendEvents);
  }

  async down(): Promise<void> {
    // The function is the same: the event store's own migration made it.
  }
}
