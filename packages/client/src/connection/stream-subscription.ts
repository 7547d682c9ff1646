import type { RoomEvent, ServerPush, SubscribeReply } from '@testcast/contracts';
import type { TestcastError } from '../testcast-error.ts';
import type { Link } from './link.ts';
import { StreamCursor } from './stream-cursor.ts';
import { tell, type Subscription, type Verdict } from './subscription.ts';

/** The room's past is not what it was, or cannot be sent: the watch is over, take a new snapshot and watch from there. */
export interface StreamReset {
  readonly reason: string;
  readonly epoch?: string | undefined;
  /** A snapshot at least this new exists. */
  readonly asOf?: number | undefined;
}

export interface StreamObserver {
  /** Events after this offset; without it those from now on. Above 0 it needs its epoch. */
  readonly offset?: number | undefined;
  readonly epoch?: string | undefined;
  /** In order, each once. */
  onEvents(events: readonly RoomEvent[]): void;
  onReset(reset: StreamReset): void;
  /** Everything that existed has been told; after each reconnect again. */
  onCaughtUp?(): void;
  /** The server does not give this room. */
  onEnd?(error: TestcastError): void;
}

export interface StreamWatch {
  readonly room: string;
  /** Offset of the last event that was told. */
  readonly offset: number | undefined;
  readonly epoch: string | undefined;
  close(): void;
}

/** Attempts to get past one offset before the room counts as unreadable from there. */
const attemptsWithoutProgress = 3;

export class StreamSubscription implements Subscription {
  readonly room: string;
  readonly cursor: StreamCursor;
  private readonly observer: StreamObserver;
  private readonly settled = new Set<Link>();
  private told = false;
  private lost: StreamReset | undefined;
  private stuckAt: number | undefined;
  private attempts = 0;

  constructor(room: string, observer: StreamObserver) {
    this.room = room;
    this.observer = observer;
    this.cursor = new StreamCursor(observer.offset, observer.epoch);
  }

  get behind(): number {
    return this.cursor.behind;
  }

  request(): { room: string; offset?: number | undefined; epoch?: string | undefined } {
    return { room: this.room, offset: this.cursor.offset, epoch: this.cursor.epoch };
  }

  subscribing(link: Link): void {
    this.settled.delete(link);
    this.told = false;
  }

  subscribed(link: Link, reply: SubscribeReply): Verdict {
    if (reply.kind !== 'stream') return 'fine';
    this.settled.add(link);
    if (this.cursor.subscribed(reply).gap) return this.again();
    this.tellCaughtUp();
    return 'fine';
  }

  push(link: Link, frame: ServerPush): Verdict {
    if (frame.type === 'events') return this.take(link, frame.events);
    if (frame.type === 'head') {
      this.cursor.head = Math.max(this.cursor.head, frame.offset);
      return this.cursor.behind > 0 && this.settled.has(link) ? this.again() : 'fine';
    }
    if (frame.type === 'reset') return this.lose({ reason: frame.reason, epoch: frame.epoch });
    return 'fine';
  }

  linkClosed(link: Link): void {
    this.settled.delete(link);
  }

  refused(error: TestcastError): void {
    if (error.code !== 'room.unrecoverable') return tell(() => this.observer.onEnd?.(error));
    const { asOf } = (error.details ?? {}) as { asOf?: unknown };
    this.lose({ reason: error.code, asOf: typeof asOf === 'number' ? asOf : undefined });
    this.over();
  }

  over(): void {
    const { lost } = this;
    if (lost !== undefined) tell(() => this.observer.onReset(lost));
  }

  caughtUp(link: Link): boolean {
    return this.settled.has(link) && this.cursor.behind === 0;
  }

  private take(link: Link, events: readonly RoomEvent[]): Verdict {
    // Without an own offset nothing tells whether these follow on; the reply that does is on its way.
    if (this.cursor.offset === undefined && !this.settled.has(link)) return 'fine';
    const { next, gap } = this.cursor.take(events);
    if (next.length > 0) tell(() => this.observer.onEvents(next));
    this.tellCaughtUp();
    // While a subscription is under way, what was skipped is being asked for already.
    return gap && this.settled.has(link) ? this.again() : 'fine';
  }

  private tellCaughtUp(): void {
    if (this.told || this.settled.size === 0 || this.cursor.behind > 0) return;
    this.told = true;
    tell(() => this.observer.onCaughtUp?.());
  }

  // A server that leaves out the same event each time it is asked would be asked for ever.
  private again(): Verdict {
    this.attempts = this.stuckAt === this.cursor.offset ? this.attempts + 1 : 1;
    this.stuckAt = this.cursor.offset;
    if (this.attempts <= attemptsWithoutProgress) return 'again';
    return this.lose({ reason: `nothing follows offset ${this.cursor.offset ?? 0}` });
  }

  private lose(reset: StreamReset): Verdict {
    this.lost = reset;
    return 'over';
  }
}
