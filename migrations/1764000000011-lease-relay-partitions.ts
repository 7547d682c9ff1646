import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Who relays a partition of the topic: until when, under which fence, and who would like to. A released one has no owner,
 * and `until` says since when.
 */
export class LeaseRelayPartitions1764000000011 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table relay_partitions (
        partition smallint primary key,
        owner uuid,
        fence bigint not null default 0,
        until timestamptz not null default clock_timestamp(),
        wanted_by uuid
      ) with (fillfactor = 20)
    `);
    await queryRunner.query('insert into relay_partitions (partition) select generate_series(0, 31)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table relay_partitions');
  }
}
