import { randomUUID } from 'node:crypto';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Caller, Clock, DomainError } from '#platform/kernel';
import { DataSource } from 'typeorm';
import { type Grants, requireAdminOf } from '../domain/grants.ts';
import { apiKeyPrefix, hashOf, newSecret } from '../secrets.ts';
import { displayedPrefix, insertKey } from './insert-key.sql.ts';

export interface NewKey {
  readonly id: string;
  /** Shown this once; only its hash is kept. */
  readonly key: string;
  readonly prefix: string;
  readonly name: string;
  readonly grants: Grants;
  readonly createdAt: number;
  readonly expiresAt?: number | undefined;
}

/** Throws `auth.forbidden` for grants that the caller is not admin of, `request.invalid` for an expiry in the past. */
export class CreateKey extends Command<NewKey> {
  constructor(
    readonly name: string,
    readonly grants: Grants,
    readonly caller: Caller,
    readonly expiresAt?: number,
  ) {
    super();
  }
}

@CommandHandler(CreateKey)
export class CreateKeyHandler implements ICommandHandler<CreateKey> {
  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
  ) {}

  async execute({ name, grants, caller, expiresAt }: CreateKey): Promise<NewKey> {
    requireAdminOf(caller, grants);
    const createdAt = this.clock.now();
    if (expiresAt !== undefined && expiresAt <= createdAt) {
      throw new DomainError('request.invalid', 'expiresAt is in the past.', {
        details: { issues: [{ path: 'expiresAt', message: 'is in the past' }] },
      });
    }
    const id = randomUUID();
    const key = newSecret(apiKeyPrefix);
    const prefix = displayedPrefix(key);
    await this.database.query(insertKey, [
      id,
      hashOf(key),
      prefix,
      name,
      JSON.stringify(grants),
      caller.subject,
      new Date(createdAt),
      expiresAt === undefined ? null : new Date(expiresAt),
    ]);
    return { id, key, prefix, name, grants, createdAt, expiresAt };
  }
}
