import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Who may do what: plain rows, not events (docs/adr/0005-access-is-plain-rows.md). Secrets are kept as sha256 of what
 * was handed out, so that a copy of the database opens nothing.
 */
export class CreateAccess1764000000003 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table projects (
        project_id     text primary key check (project_id ~ '^[a-z0-9-]{1,64}$'),
        name           text not null,
        default_branch text,
        repository_url text,
        created_at     timestamptz not null
      );

      create table api_keys (
        key_id     uuid primary key,
        key_hash   bytea not null unique,
        prefix     text not null,
        name       text not null,
        grants     jsonb not null,
        created_by text not null,
        created_at timestamptz not null,
        expires_at timestamptz,
        revoked_at timestamptz
      );

      create table sign_in_codes (
        code_hash  bytea primary key,
        subject    text not null,
        grants     jsonb not null,
        expires_at timestamptz not null
      );
      create index sign_in_codes_by_subject on sign_in_codes (subject);

      create table sessions (
        session_hash bytea primary key,
        subject      text not null,
        grants       jsonb not null,
        created_at   timestamptz not null,
        expires_at   timestamptz not null
      );
      create index sessions_by_subject on sessions (subject);

      create table signing_keys (
        purpose    text primary key,
        secret     bytea not null,
        created_at timestamptz not null
      );

      -- Unlogged: a row is worth 30 seconds, and writing it must not cost a connection an fsync.
      create unlogged table used_tickets (
        ticket_id  uuid primary key,
        expires_at timestamptz not null
      );
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`drop table used_tickets, signing_keys, sessions, sign_in_codes, api_keys, projects`);
  }
}
