import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Caller, Clock, DomainError } from '#platform/kernel';
import { DataSource } from 'typeorm';
import { ApiKeys } from '../authentication/api-keys.ts';
import { Sessions } from '../authentication/sessions.ts';
import { type Grants, requireAdminOf, subjectOfKey } from '../domain/grants.ts';

const lockKey = `
  select grants from api_keys where key_id = $1 and revoked_at is null for update
`;
const markRevoked = `
  update api_keys set revoked_at = $2 where key_id = $1
`;
const deleteCodes = `
  delete from sign_in_codes where subject = $1
`;
const deleteSessions = `
  delete from sessions where subject = $1
`;

/**
 * Ends a key and all sign-ins made under it; their open sockets follow within seconds. Other processes see it within 3 seconds. Throws `key.unknown`, and
 * `auth.forbidden` unless the caller is admin of all that the key grants.
 */
export class RevokeKey extends Command<void> {
  constructor(
    readonly keyId: string,
    readonly caller: Caller,
  ) {
    super();
  }
}

@CommandHandler(RevokeKey)
export class RevokeKeyHandler implements ICommandHandler<RevokeKey> {
  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
    private readonly apiKeys: ApiKeys,
    private readonly sessions: Sessions,
  ) {}

  async execute({ keyId, caller }: RevokeKey): Promise<void> {
    await this.database.transaction(async (tx) => {
      const [key] = await tx.query<{ grants: Grants }[]>(lockKey, [keyId]);
      if (key === undefined) throw new DomainError('key.unknown');
      requireAdminOf(caller, key.grants);
      await tx.query(markRevoked, [keyId, new Date(this.clock.now())]);
      // Codes first: a sign-in under way holds its code's row, and the session it makes is there when the lock is ours.
      await tx.query(deleteCodes, [subjectOfKey(keyId)]);
      await tx.query(deleteSessions, [subjectOfKey(keyId)]);
    });
    this.apiKeys.forget();
    this.sessions.forget();
  }
}
