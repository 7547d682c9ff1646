import { Injectable } from '@nestjs/common';
import { type Caller, Clock, DomainError } from '#platform/kernel';
import { DataSource } from 'typeorm';
import type { Grants } from '../domain/grants.ts';
import { hashOf } from '../secrets.ts';
import { ShortLivedLookup } from './short-lived-lookup.ts';

const findSession = `
  select subject, grants, expires_at
  from sessions
  where session_hash = $1
`;

// $1: hashes of sessions.
const findStanding = `
  select encode(session_hash, 'hex') as hash from sessions where session_hash = any($1::bytea[])
`;

/** Of a credential that is a session; the rest is its hash. */
const prefix = 'session:';

interface SessionRow {
  subject: string;
  grants: Grants;
  expires_at: Date;
}

/** Callers by the cookie of a browser that has signed in. */
@Injectable()
export class Sessions {
  private readonly lookup: ShortLivedLookup<Caller>;

  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
  ) {
    this.lookup = new ShortLivedLookup((hash) => this.find(hash), clock);
  }

  /** Throws `auth.invalid` or `auth.expired`. */
  async callerOf(session: string): Promise<Caller> {
    const caller = await this.lookup.get(hashOf(session).toString('hex'));
    if (caller === undefined) throw new DomainError('auth.invalid', 'The session has ended; sign in again.');
    if (caller.expiresAt! <= this.clock.now()) {
      throw new DomainError('auth.expired', 'The session has expired; sign in again.');
    }
    return caller;
  }

  /** Of these credentials of sessions, those whose session has ended. */
  async withdrawn(credentials: readonly string[]): Promise<string[]> {
    const hashes = credentials.map((credential) => Buffer.from(credential.slice(prefix.length), 'hex'));
    const rows = await this.database.query<{ hash: string }[]>(findStanding, [hashes]);
    const standing = new Set(rows.map(({ hash }) => `${prefix}${hash}`));
    return credentials.filter((credential) => !standing.has(credential));
  }

  forget(): void {
    this.lookup.clear();
  }

  private async find(hash: string): Promise<Caller | undefined> {
    const [row] = await this.database.query<SessionRow[]>(findSession, [Buffer.from(hash, 'hex')]);
    if (row === undefined) return undefined;
    const credential = `${prefix}${hash}`;
    return { subject: row.subject, grants: row.grants, expiresAt: row.expires_at.getTime(), credential };
  }
}
