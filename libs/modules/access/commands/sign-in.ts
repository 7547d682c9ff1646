import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Caller, Clock, DomainError } from '#platform/kernel';
import { DataSource } from 'typeorm';
import type { Grants } from '../domain/grants.ts';
import { hashOf, newSecret } from '../secrets.ts';

const sessionMs = 30 * 86_400_000;

// One statement, so that of two that come with one code only one finds the row to delete.
const exchangeCode = `
  with used as (
    delete from sign_in_codes where code_hash = $1 returning subject, grants, expires_at, session_until
  )
  insert into sessions (session_hash, subject, grants, created_at, expires_at)
  select $2, subject, grants, $3::timestamptz, least($4::timestamptz, session_until)
  from used where expires_at > $3::timestamptz
  returning subject, grants, expires_at
`;

interface SessionRow {
  subject: string;
  grants: Grants;
  expires_at: Date;
}

export interface SignedIn {
  /** For the cookie; only its hash is kept. */
  readonly session: string;
  readonly caller: Caller & { readonly expiresAt: number };
}

/**
 * Exchanges a one-time code for a session of 30 days, or of as long as whoever made the code may act. Throws
 * `auth.invalid`.
 */
export class SignIn extends Command<SignedIn> {
  constructor(readonly code: string) {
    super();
  }
}

@CommandHandler(SignIn)
export class SignInHandler implements ICommandHandler<SignIn> {
  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
  ) {}

  async execute({ code }: SignIn): Promise<SignedIn> {
    const session = newSecret();
    const now = this.clock.now();
    const [row] = await this.database.query<SessionRow[]>(exchangeCode, [
      hashOf(code),
      hashOf(session),
      new Date(now),
      new Date(now + sessionMs),
    ]);
    if (row === undefined)
      throw new DomainError('auth.invalid', 'The code is not valid, has been used or has expired.');
    return { session, caller: { subject: row.subject, grants: row.grants, expiresAt: row.expires_at.getTime() } };
  }
}
