import { Injectable } from '@nestjs/common';
import { Authenticator, type Caller, type Credentials, DomainError } from '#platform/kernel';
import { apiKeyPrefix } from '../secrets.ts';
import { ApiKeys } from './api-keys.ts';
import { JsonWebTokens } from './json-web-tokens.ts';
import { Sessions } from './sessions.ts';
import { Tickets } from './tickets.ts';

/** Knows callers by API key, JWT, ticket or session. */
@Injectable()
export class AccessAuthenticator extends Authenticator {
  constructor(
    private readonly apiKeys: ApiKeys,
    private readonly tokens: JsonWebTokens,
    private readonly tickets: Tickets,
    private readonly sessions: Sessions,
  ) {
    super();
  }

  async authenticate({ bearer, ticket, session }: Credentials): Promise<Caller> {
    if (bearer !== undefined) {
      return bearer.startsWith(apiKeyPrefix) ? this.apiKeys.callerOf(bearer) : this.tokens.callerOf(bearer);
    }
    if (ticket !== undefined) return this.tickets.callerOf(ticket);
    if (session !== undefined) return this.sessions.callerOf(session);
    throw new DomainError('auth.required');
  }
  override async withdrawn(credentials: readonly string[]): Promise<readonly string[]> {
    const [keys, sessions] = [
      credentials.filter((credential) => credential.startsWith('key:')),
      credentials.filter((credential) => credential.startsWith('session:')),
    ];
    const ended = await Promise.all([
      keys.length === 0 ? [] : this.apiKeys.withdrawn(keys),
      sessions.length === 0 ? [] : this.sessions.withdrawn(sessions),
    ]);
    return ended.flat();
  }
}
