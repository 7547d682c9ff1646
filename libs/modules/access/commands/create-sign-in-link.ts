import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { limits } from '@testcast/contracts';
import { type Caller, Clock, DomainError } from '#platform/kernel';
import { DataSource } from 'typeorm';
import { type Grants, keyBehind, requireAdminOf } from '../domain/grants.ts';
import { hashOf, newSecret } from '../secrets.ts';

// $5 is the key that the link is made under, if it is one. Its row is locked against a revocation under way: either that
// one sees the code and deletes it, or the code is not made. What the caller was known by may be seconds old.
const insertCode = `
  with standing as (
    select from api_keys where key_id = $5::uuid and revoked_at is null for share
  )
  insert into sign_in_codes (code_hash, subject, grants, expires_at, session_until)
  select $1::bytea, $2::text, $3::jsonb, $4::timestamptz, $6::timestamptz
  where $5::uuid is null or exists (select from standing)
  returning 1
`;

export interface SignInLink {
  readonly url: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/**
 * A link that signs one browser in, once, within 10 minutes, and for no longer than the caller may act. Throws
 * `auth.forbidden`, and `auth.invalid` when the caller's key has been revoked.
 */
export class CreateSignInLink extends Command<SignInLink> {
  constructor(
    readonly grants: Grants,
    readonly caller: Caller,
    /** Where the UI is, such as `http://127.0.0.1:4000`. */
    readonly origin: string,
  ) {
    super();
  }
}

@CommandHandler(CreateSignInLink)
export class CreateSignInLinkHandler implements ICommandHandler<CreateSignInLink> {
  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
  ) {}

  async execute({ grants, caller, origin }: CreateSignInLink): Promise<SignInLink> {
    requireAdminOf(caller, grants);
    const code = newSecret();
    const until = caller.expiresAt ?? Infinity;
    const expiresAt = Math.min(this.clock.now() + limits.signInCodeMs, until);
    const made = await this.database.query<unknown[]>(insertCode, [
      hashOf(code),
      caller.subject,
      JSON.stringify(grants),
      new Date(expiresAt),
      keyBehind(caller) ?? null,
      until === Infinity ? null : new Date(until),
    ]);
    if (made.length === 0) throw new DomainError('auth.invalid', 'The API key was revoked.');
    // In the fragment, which browsers never send: no proxy's log and no Referer header holds the code.
    return { url: `${origin.replace(/\/+$/, '')}/sign-in#code=${code}`, expiresAt };
  }
}
