import type { ServerPush, SubscribeReply } from '@testcast/contracts';
import { asTestcastError } from '../testcast-error.ts';
import { Backoff, type BackoffOptions } from './backoff.ts';
import type { Link } from './link.ts';
import type { Subscription, Verdict } from './subscription.ts';

/** The rooms that are watched, carried from one connection to the next. */
export class Subscriptions {
  private readonly rooms = new Map<string, Subscription>();
  private readonly backoff: BackoffOptions;
  private readonly onChange: () => void;

  /** `onChange`: how far the rooms have been read may have changed. */
  constructor(backoff: BackoffOptions, onChange: () => void) {
    this.backoff = backoff;
    this.onChange = onChange;
  }

  /** Throws for a room that is watched already: a connection is in a room once. */
  add(subscription: Subscription): void {
    if (this.rooms.has(subscription.room)) throw new Error(`The room ${subscription.room} is being watched already.`);
    this.rooms.set(subscription.room, subscription);
  }

  /** False when it was not there any more. */
  remove(subscription: Subscription): boolean {
    if (this.rooms.get(subscription.room) !== subscription) return false;
    return this.rooms.delete(subscription.room);
  }

  push(link: Link, frame: ServerPush): void {
    const subscription = 'room' in frame ? this.rooms.get(frame.room) : undefined;
    if (subscription === undefined) return;
    this.follow(link, subscription, subscription.push(link, frame));
    this.onChange();
  }

  /** Settles when the server has answered for every room. */
  async subscribeAll(link: Link): Promise<void> {
    await Promise.all([...this.rooms.values()].map((subscription) => this.subscribe(link, subscription)));
  }

  /** Asks until there is an answer that holds, or the connection or the watch has ended. Never throws. */
  async subscribe(link: Link, subscription: Subscription): Promise<void> {
    const backoff = new Backoff(this.backoff);
    while (link.alive && this.has(subscription)) {
      subscription.subscribing(link);
      this.onChange();
      try {
        return await this.ask(link, subscription);
      } catch (cause) {
        // A lost connection is not an answer; the next one asks again.
        if (!link.alive || !this.has(subscription)) return;
        const error = asTestcastError(cause);
        if (!error.temporary) {
          this.remove(subscription);
          subscription.refused(error);
          return this.onChange();
        }
        await new Promise((resolve) => setTimeout(resolve, backoff.next(error.retryAfterMs)));
      }
    }
  }

  private async ask(link: Link, subscription: Subscription): Promise<void> {
    await link.request('room.subscribe', subscription.request(), (reply) => {
      if (!this.has(subscription)) return;
      this.follow(link, subscription, subscription.subscribed(link, reply as SubscribeReply));
      this.onChange();
    });
  }

  unsubscribe(link: Link, room: string): void {
    // Whether it worked matters to nobody: frames of a room that is not watched are passed over.
    link.request('room.unsubscribe', { room }).catch(() => undefined);
  }

  linkClosed(link: Link): void {
    for (const subscription of this.rooms.values()) subscription.linkClosed(link);
  }

  caughtUp(link: Link): boolean {
    return [...this.rooms.values()].every((subscription) => subscription.caughtUp(link));
  }

  get behind(): number {
    return [...this.rooms.values()].reduce((sum, { behind }) => sum + behind, 0);
  }

  private has(subscription: Subscription): boolean {
    return this.rooms.get(subscription.room) === subscription;
  }

  private follow(link: Link, subscription: Subscription, verdict: Verdict): void {
    if (verdict === 'over') {
      if (!this.remove(subscription)) return;
      this.unsubscribe(link, subscription.room);
      subscription.over();
    } else if (verdict === 'again' && this.has(subscription)) {
      // Left first: a second subscription to one room says nothing about the offset in the protocol.
      this.unsubscribe(link, subscription.room);
      void this.subscribe(link, subscription);
    }
  }
}
