import type { ServerPush, StateItem, SubscribeReply } from '@testcast/contracts';
import type { TestcastError } from '../testcast-error.ts';
import type { Link } from './link.ts';
import { StateRows } from './state-rows.ts';
import { tell, type Subscription, type Verdict } from './subscription.ts';

export interface StateObserver {
  /** Rows that are new or have changed, and keys that are gone or have left the window. */
  onItems(changed: readonly StateItem[], removed: readonly string[]): void;
  /** A whole window has been told: after the subscription, and after each reconnect. */
  onWindow?(): void;
  /** What was told before holds no longer; a new window follows. */
  onReset?(reset: { readonly reason: string }): void;
  /** The server does not give this room. */
  onEnd?(error: TestcastError): void;
}

export interface StateWatch {
  readonly room: string;
  close(): void;
}

export class StateSubscription implements Subscription {
  readonly room: string;
  readonly behind = 0;
  private readonly observer: StateObserver;
  private readonly rows = new StateRows();
  private readonly whole = new Set<Link>();

  constructor(room: string, observer: StateObserver) {
    this.room = room;
    this.observer = observer;
  }

  request(): { room: string } {
    return { room: this.room };
  }

  subscribing(link: Link): void {
    this.whole.delete(link);
    this.rows.connected(link);
  }

  subscribed(_link: Link, _reply: SubscribeReply): Verdict {
    return 'fine';
  }

  push(link: Link, frame: ServerPush): Verdict {
    if (frame.type === 'reset') {
      const removed = this.rows.clear();
      if (removed.length > 0) tell(() => this.observer.onItems([], removed));
      tell(() => this.observer.onReset?.({ reason: frame.reason }));
      return 'again';
    }
    if (frame.type !== 'state') return 'fine';
    const { changed, removed, whole } = this.rows.take(link, frame);
    if (changed.length > 0 || removed.length > 0) tell(() => this.observer.onItems(changed, removed));
    if (whole) {
      this.whole.add(link);
      tell(() => this.observer.onWindow?.());
    }
    return 'fine';
  }

  linkClosed(link: Link): void {
    this.rows.closed(link);
    this.whole.delete(link);
  }

  refused(error: TestcastError): void {
    tell(() => this.observer.onEnd?.(error));
  }

  over(): void {}

  caughtUp(link: Link): boolean {
    return this.whole.has(link);
  }
}
