import type { ServerPush } from '@testcast/contracts';
import { Backoff, type BackoffOptions } from './backoff.ts';
import { withParameter } from './dial.ts';
import type { LinkClose } from './link.ts';
import type { SocketTarget } from './socket.ts';

/** A move to another server as its `migrate` message asks for it: tried until the deadline, for the old socket serves until then. */
export class Move {
  readonly target: SocketTarget;
  private readonly until: number;
  private readonly backoff: Backoff;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor({ url, token, deadlineMs }: Extract<ServerPush, { type: 'migrate' }>, backoff?: BackoffOptions) {
    this.target = { url: withParameter(url, 'migration', token) };
    this.until = Date.now() + deadlineMs;
    this.backoff = new Backoff(backoff);
  }

  /** Milliseconds that the old socket has left. */
  get leftMs(): number {
    return Math.max(0, this.until - Date.now());
  }

  /** A balancer may have led to a server that is full, or is going itself: calls back when it is time to try again, if it ever is. */
  refused({ refused, retryAfterMs }: LinkClose, again: () => void): void {
    const waitMs = this.backoff.next(retryAfterMs);
    // The token was used, or is not known.
    if (refused === 401 || waitMs >= this.leftMs) return;
    this.timer = setTimeout(again, waitMs);
  }

  cancel(): void {
    clearTimeout(this.timer);
  }
}
