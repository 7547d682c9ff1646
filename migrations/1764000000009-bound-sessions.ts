import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A sign-in ends no later than what it was made under: an API key with an expiry, a token, another sign-in. */
export class BoundSessions1764000000009 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      alter table sign_in_codes add column session_until timestamptz;
      comment on column sign_in_codes.session_until is
        'the latest end of the session that the code is exchanged for; null where its maker does not expire';

      update sign_in_codes
      set session_until = api_keys.expires_at, expires_at = least(sign_in_codes.expires_at, api_keys.expires_at)
      from api_keys
      where subject = 'key:' || key_id and api_keys.expires_at is not null;

      update sessions
      set expires_at = api_keys.expires_at
      from api_keys
      where subject = 'key:' || key_id and api_keys.expires_at < sessions.expires_at;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`alter table sign_in_codes drop column session_until`);
  }
}
