import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * How far each projection has read each slot, and the streams that it has set aside. One row a slot and version, moved in
 * the transaction that writes the projection's rows.
 */
export class CreateProjectionCheckpoints1764000000002 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // Half-full pages keep the updates of these few hot rows on their page (HOT), and autovacuum comes by count, since a
    // share of so small a table would be reached after every batch or never.
    await queryRunner.query(`
      create table projection_checkpoints (
        projection text not null,
        version integer not null,
        slot smallint not null check (slot between 0 and 255),
        position bigint not null default 0 check (position >= 0),
        parked integer not null default 0 check (parked >= 0),
        moved_at timestamptz not null default clock_timestamp(),
        primary key (projection, version, slot)
      ) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)
    `);
    await queryRunner.query(`
      comment on column projection_checkpoints.parked is
        'streams of the slot that are parked; kept here so that whoever holds the row knows without another look'
    `);
    await queryRunner.query(`
      create table parked_streams (
        projection text not null,
        version integer not null,
        stream text not null,
        slot smallint not null,
        first_version bigint not null,
        first_position bigint not null,
        last_version bigint not null,
        events bigint not null default 1,
        error text not null,
        parked_at timestamptz not null default clock_timestamp(),
        primary key (projection, version, stream),
        foreign key (projection, version, slot) references projection_checkpoints (projection, version, slot)
      )
    `);
    await queryRunner.query('create index parked_streams_by_slot on parked_streams (projection, version, slot)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table parked_streams');
    await queryRunner.query('drop table projection_checkpoints');
  }
}
