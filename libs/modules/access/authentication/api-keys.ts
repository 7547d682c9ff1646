import { Injectable } from '@nestjs/common';
import { type Caller, Clock, DomainError } from '#platform/kernel';
import { DataSource } from 'typeorm';
import { type Grants, keyOfSubject, subjectOfKey } from '../domain/grants.ts';
import { hashOf } from '../secrets.ts';
import { ShortLivedLookup } from './short-lived-lookup.ts';

const findKey = `
  select key_id, grants, expires_at
  from api_keys
  where key_hash = $1 and revoked_at is null
`;

// $1: ids of keys.
const findStanding = `
  select key_id from api_keys where key_id = any($1::uuid[]) and revoked_at is null
`;

interface KeyRow {
  key_id: string;
  grants: Grants;
  expires_at: Date | null;
}

/** Callers by API key. */
@Injectable()
export class ApiKeys {
  private readonly lookup: ShortLivedLookup<Caller>;

  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
  ) {
    this.lookup = new ShortLivedLookup((hash) => this.find(hash), clock);
  }

  /** Throws `auth.invalid` or `auth.expired`. */
  async callerOf(key: string): Promise<Caller> {
    const caller = await this.lookup.get(hashOf(key).toString('hex'));
    if (caller === undefined) throw new DomainError('auth.invalid', 'The API key is not known, or was revoked.');
    if (caller.expiresAt !== undefined && caller.expiresAt <= this.clock.now()) {
      throw new DomainError('auth.expired', 'The API key has expired.');
    }
    return caller;
  }

  /** Of these credentials of keys, those whose key has been revoked. */
  async withdrawn(credentials: readonly string[]): Promise<string[]> {
    const ids = credentials.map(keyOfSubject);
    const rows = await this.database.query<{ key_id: string }[]>(findStanding, [ids]);
    const standing = new Set(rows.map(({ key_id }) => subjectOfKey(key_id)));
    return credentials.filter((credential) => !standing.has(credential));
  }

  forget(): void {
    this.lookup.clear();
  }

  private async find(hash: string): Promise<Caller | undefined> {
    const [row] = await this.database.query<KeyRow[]>(findKey, [Buffer.from(hash, 'hex')]);
    if (row === undefined) return undefined;
    const subject = subjectOfKey(row.key_id);
    return { subject, grants: row.grants, expiresAt: row.expires_at?.getTime(), credential: subject };
  }
}
