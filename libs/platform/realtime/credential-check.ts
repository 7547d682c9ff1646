import { closeCodes } from '@testcast/contracts';
import type { Authenticator, Caller } from '#platform/kernel';
import type { Closing } from './connection.ts';

/** A connection, as far as it depends on a credential. */
export interface CheckedConnection {
  readonly caller: Caller;
  close(closing: Closing): void;
}

/** Credentials that are asked for at once. */
const askedAtOnce = 1_000;
const withdrawn: Closing = {
  code: closeCodes.badToken,
  reason: 'the key was revoked or the session has ended',
  reconnectInMs: 0,
};

/** Ends connections whose key was revoked, or whose session has ended, since they were admitted. */
export class CredentialCheck {
  private lastAt = -Infinity;
  private running = false;
  private failing = false;

  constructor(
    private readonly authenticator: Pick<Authenticator, 'withdrawn'>,
    private readonly everyMs: number,
    private readonly report: (what: string, error: unknown) => void,
  ) {}

  /** Checks when it is time to, and never twice at once. @param now milliseconds of the monotonic clock */
  tick(now: number, connections: Iterable<CheckedConnection>): void {
    if (this.running || now - this.lastAt < this.everyMs) return;
    this.lastAt = now;
    this.running = true;
    void this.check(connections).finally(() => (this.running = false));
  }

  /** Connections stay while their credentials cannot be looked up: an outage of the directory is nobody's revocation. */
  private async check(connections: Iterable<CheckedConnection>): Promise<void> {
    const holders = new Map<string, CheckedConnection[]>();
    for (const connection of connections) {
      const { credential } = connection.caller;
      if (credential === undefined) continue;
      const known = holders.get(credential);
      if (known === undefined) holders.set(credential, [connection]);
      else known.push(connection);
    }
    const credentials = [...holders.keys()];
    try {
      for (let at = 0; at < credentials.length; at += askedAtOnce) {
        const ended = await this.authenticator.withdrawn(credentials.slice(at, at + askedAtOnce));
        for (const credential of ended)
          for (const connection of holders.get(credential) ?? []) endIf(connection, credential);
      }
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.report('looking for withdrawn credentials', error);
      this.failing = true;
    }
  }
}

// It may have taken over other credentials meanwhile.
function endIf(connection: CheckedConnection, credential: string): void {
  if (connection.caller.credential === credential) connection.close(withdrawn);
}
