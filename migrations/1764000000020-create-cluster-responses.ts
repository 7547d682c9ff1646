import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the cluster did by itself about alerts, and what it has to give back. */
export class CreateClusterResponses1764000000020 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table cluster_responses (
        id uuid primary key default gen_random_uuid(),
        fingerprint text not null,
        alert_started_at timestamptz not null,
        alert text not null,
        action text not null,
        server_id text,
        state text not null default 'running' check (state in ('running', 'done', 'failed', 'undone')),
        detail text,
        -- Least numbers of pods, where there is an autoscaler.
        floor_before int,
        floor_raised int,
        attempts int not null default 0,
        claimed_until timestamptz not null default '-infinity',
        undo_at timestamptz not null,
        resolved_at timestamptz,
        started_at timestamptz not null default now(),
        acted_at timestamptz,
        ended_at timestamptz,
        undone_at timestamptz,
        unique (fingerprint, alert_started_at)
      )
    `);
    await queryRunner.query(`create index on cluster_responses (started_at)`);
    await queryRunner.query(`create index on cluster_responses (claimed_until) where state = 'running'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table cluster_responses');
  }
}
