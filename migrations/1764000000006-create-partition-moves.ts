import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What an operator does to the partitions of the log, a row each, so that whoever comes after a crash goes on with it; and
 * what this server was measured to append, which loads are shares of.
 */
export class CreatePartitionMoves1764000000006 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table partition_moves (
        id bigint generated always as identity primary key,
        kind text not null check (kind in ('split', 'add', 'drain')),
        partition_id smallint not null,
        slots smallint[] not null,
        targets smallint[] not null check (cardinality(targets) = cardinality(slots)),
        rows_total bigint not null default 0,
        rows_moved bigint not null default 0,
        began_at timestamptz not null default clock_timestamp(),
        finished_at timestamptz
      )
    `);
    await queryRunner.query(`
      comment on column partition_moves.partition_id is 'the partition that is split, added or drained'
    `);
    // Two moves at once could send one slot to two places.
    await queryRunner.query(`
      create unique index partition_moves_unfinished on partition_moves ((true)) where finished_at is null
    `);
    await queryRunner.query(`
      create table append_capacity (
        only_row boolean primary key default true check (only_row),
        events_per_second double precision not null check (events_per_second > 0),
        measured_at timestamptz not null default clock_timestamp()
      )
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table append_capacity, partition_moves');
  }
}
