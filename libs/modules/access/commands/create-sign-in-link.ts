import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { limits } from '@testcast/contracts';
import { type Caller, Clock } from '#platform/kernel';
import { DataSource } from 'typeorm';
import { type Grants, requireAdminOf } from '../domain/grants.ts';
import { hashOf, newSecret } from '../secrets.ts';

const insertCode = `
  insert into sign_in_codes (code_hash, subject, grants, expires_at)
  values ($1, $2, $3, $4)
`;

export interface SignInLink {
  readonly url: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** A link that signs one browser in, once, within 10 minutes. Throws `auth.forbidden`. */
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
    const expiresAt = this.clock.now() + limits.signInCodeMs;
    await this.database.query(insertCode, [hashOf(code), caller.subject, JSON.stringify(grants), new Date(expiresAt)]);
    // In the fragment, which browsers never send: no proxy's log and no Referer header holds the code.
    return { url: `${origin.replace(/\/+$/, '')}/sign-in#code=${code}`, expiresAt };
  }
}
