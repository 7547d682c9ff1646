import { randomBytes } from 'node:crypto';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { initialPlacement, partitionCount } from '#platform/event-store';
import { createAppendAfterLook, createAppendEvents } from './append-events.sql.ts';
import {
  beginFirstEpoch,
  createEventPartition,
  createEvents,
  createRelaySlots,
  createSlots,
  createStoreEpochs,
  createStreams,
  fillRelaySlots,
  indexEvents,
  placeSlots,
} from './1764000000001-event-tables.sql.ts';
import { createBeginStoreEpoch, createEnsureStoreEpoch, createStoreTimeline } from './1764000000001-store-epoch.sql.ts';

/** The log: events in 32 partitions, streams, slots with their heads and their map, epochs, and the append function. */
export class CreateEventStore1764000000001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(createEvents);
    for (let partition = 0; partition < partitionCount; partition++) {
      await queryRunner.query(createEventPartition(partition));
    }
    for (const index of indexEvents) await queryRunner.query(index);
    await queryRunner.query(createStreams);
    await queryRunner.query(createSlots);
    await queryRunner.query(placeSlots, [initialPlacement()]);
    await queryRunner.query(createRelaySlots);
    await queryRunner.query(fillRelaySlots);
    await queryRunner.query(createStoreEpochs);
    await queryRunner.query(createStoreTimeline);
    await queryRunner.query(createBeginStoreEpoch);
    await queryRunner.query(createEnsureStoreEpoch);
    await queryRunner.query(createAppendEvents);
    await queryRunner.query(createAppendAfterLook);
    await queryRunner.query(beginFirstEpoch, [randomBytes(9).toString('base64url')]);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'drop function append_events, append_after_look, ensure_store_epoch, begin_store_epoch, store_timeline',
    );
    await queryRunner.query('drop table relay_slots, slots, events, streams, store_epochs');
  }
}
