import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createBeginStoreEpoch } from './1764000000001-store-epoch.sql.ts';
import { beginStoreEpoch, storeEpoch } from './1764000000012-store-epoch.sql.ts';

/**
 * An epoch's number alone does not name it: a fail-over begins epoch 2, and so does a restore of a backup from before the
 * fail-over. Who watched the one would go on in the other, past events that it never had.
 */
export class NameEpochsApart1764000000012 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`alter table store_epochs add column fork text not null default ''`);
    await queryRunner.query(beginStoreEpoch);
    await queryRunner.query(storeEpoch);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop function store_epoch');
    await queryRunner.query(createBeginStoreEpoch.replace('create function', 'create or replace function'));
    await queryRunner.query('alter table store_epochs drop column fork');
  }
}
