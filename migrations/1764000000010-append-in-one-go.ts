import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createAppendAfterLook, createAppendEvents } from './append-events.sql.ts';

/** A newer append function: it stores first, and looks for repeats when the index says so. */
export class AppendInOneGo1764000000010 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // Its parameters are others than before: replaced, it would live on beside the new one.
    await queryRunner.query('drop function if exists append_events');
    await queryRunner.query(createAppendEvents);
    await queryRunner.query(createAppendAfterLook);
  }

  async down(): Promise<void> {
    // The function is the same: the event store's own migration made it.
  }
}
