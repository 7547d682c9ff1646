import { type KeyObject, randomUUID } from 'node:crypto';
import { limits, roleSchema } from '@testcast/contracts';
import jwt from 'jsonwebtoken';
import { type Caller, Clock, DomainError } from '#platform/kernel';
import { z } from 'zod';
import { UsedTickets } from './used-tickets.ts';

// A type of its own, so that no other token signed under the key (a migration token) passes for a ticket.
const ticketType = 'testcast-ticket+jwt';

const claimsSchema = z.object({
  jti: z.uuid(),
  sub: z.string(),
  exp: z.number(),
  grants: z.record(z.string(), roleSchema),
  callerExpiresAt: z.number().optional(),
  credential: z.string().optional(),
  server: z.string().optional(),
});

export interface Ticket {
  readonly ticket: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export interface TicketsOptions {
  /** Names the one start of the one server that takes the tickets; absent: any server of the database does. */
  readonly server?: string | undefined;
}

/**
 * One-time passes for the socket, which cannot send a header from a browser. They carry the caller's grants, expiry and
 * credential. Signed on this thread: an HMAC takes microseconds, and the way to WebCrypto's threads and back a hundred times
 * that when thousands come back at once (ADR 0031).
 */
export class Tickets {
  constructor(
    private readonly secret: () => Promise<KeyObject>,
    private readonly used: UsedTickets,
    private readonly clock: Clock,
    private readonly options: TicketsOptions = {},
  ) {}

  /** @param server whom the ticket is made out to; undefined = whichever server it is taken to */
  async issue(caller: Caller, server?: string): Promise<Ticket> {
    const exp = Math.floor(Math.min(this.clock.now() + limits.ticketMs, caller.expiresAt ?? Infinity) / 1000);
    const { grants, expiresAt: callerExpiresAt, credential } = caller;
    const claims = { jti: randomUUID(), sub: caller.subject, exp, grants, callerExpiresAt, credential, server };
    const header = { alg: 'HS256', typ: ticketType } as const;
    const ticket = jwt.sign(claims, await this.secret(), { algorithm: 'HS256', header, noTimestamp: true });
    return { ticket, expiresAt: exp * 1000 };
  }

  /** The caller who was given the ticket. Throws `auth.invalid` (tampered, another server's, used before) or `auth.expired`. */
  async callerOf(ticket: string): Promise<Caller> {
    const claims = await this.verified(ticket);
    if (claims.server !== this.options.server)
      throw new DomainError('auth.invalid', 'The ticket is for another server.');
    if (!(await this.used.use(claims.jti, claims.exp * 1000))) {
      throw new DomainError('auth.invalid', 'The ticket has been used.');
    }
    const { sub: subject, grants, callerExpiresAt: expiresAt, credential } = claims;
    return { subject, grants, expiresAt, credential };
  }

  private async verified(ticket: string): Promise<z.infer<typeof claimsSchema>> {
    const secret = await this.secret();
    try {
      const clockTimestamp = Math.floor(this.clock.now() / 1000);
      const { header, payload } = jwt.verify(ticket, secret, { algorithms: ['HS256'], complete: true, clockTimestamp });
      if (header.typ !== ticketType) throw new Error(`a token of the type ${header.typ}`);
      return claimsSchema.parse(payload);
    } catch (error) {
      if (error instanceof jwt.TokenExpiredError) throw new DomainError('auth.expired', 'The ticket has expired.');
      throw new DomainError('auth.invalid', 'The ticket is not valid.', { cause: error });
    }
  }
}
