import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which gateway decides who moves where, what it has ordered, and which gateways are drained. */
export class CreateClusterMoves1764000000019 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table cluster_leader (
        one boolean primary key default true check (one),
        owner text,
        server_id text,
        fence bigint not null default 0,
        until timestamptz not null default clock_timestamp()
      ) with (fillfactor = 20)
    `);
    await queryRunner.query('insert into cluster_leader default values');
    await queryRunner.query(`
      create table cluster_moves (
        id bigint generated always as identity primary key,
        fence bigint not null,
        from_server text not null,
        to_server text not null,
        ordered integer not null check (ordered > 0),
        moved integer not null default 0,
        failed integer not null default 0,
        reason text not null,
        state text not null default 'ordered' check (state in ('ordered', 'running', 'done', 'failed', 'expired')),
        problem text,
        ordered_at timestamptz not null default clock_timestamp(),
        started_at timestamptz,
        ended_at timestamptz
      )
    `);
    await queryRunner.query(`
      create index cluster_moves_open on cluster_moves (from_server) where ended_at is null
    `);
    await queryRunner.query(`
      create table cluster_drains (
        server_id text primary key,
        since timestamptz not null default clock_timestamp()
      )
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table cluster_drains');
    await queryRunner.query('drop table cluster_moves');
    await queryRunner.query('drop table cluster_leader');
  }
}
