import { afterClose, type ServerPush } from '@testcast/contracts';
import { asTestcastError, TestcastError } from '../testcast-error.ts';
import { Backoff, type BackoffOptions } from './backoff.ts';
import type { ConnectionState, ConnectionStateListener } from './connection-state.ts';
import type { Dial } from './dial.ts';
import { Link, type LinkClose, type LinkEvents, type LinkTimings } from './link.ts';
import { Move } from './move.ts';
import { Outbox } from './outbox.ts';
import type { OpenSocket, SocketTarget } from './socket.ts';
import { StateSubscription, type StateObserver, type StateWatch } from './state-subscription.ts';
import { StreamSubscription, type StreamObserver, type StreamWatch } from './stream-subscription.ts';
import { tell, type Subscription } from './subscription.ts';
import { Subscriptions } from './subscriptions.ts';

export interface ConnectionOptions {
  dial: Dial;
  openSocket: OpenSocket;
  backoff?: BackoffOptions | undefined;
  timings?: Partial<LinkTimings> | undefined;
}

/** A connection that lasted so long was a good one: the next wait is a short one again. */
const settledMs = 5000;
/** More are not told: where so many are away, whoever is asked knows it, too. */
const mostAvoided = 8;
const defaultTimings: LinkTimings = { openMs: 15_000, quietMs: 25_000, deadMs: 10_000 };

/**
 * One connection to Testcast, kept up over any number of sockets: it comes back by itself, and what is watched goes on
 * from where it was. It opens with the first request or watch, and holds the process until `close()`.
 */
export class TestcastConnection {
  private readonly options: ConnectionOptions;
  private readonly timings: LinkTimings;
  private readonly backoff: Backoff;
  private readonly subscriptions: Subscriptions;
  private readonly outbox = new Outbox();
  private readonly listeners = new Set<ConnectionStateListener>();
  private current: ConnectionState = { name: 'connecting' };
  /** The socket that is used, from the moment it is being opened. */
  private link: Link | undefined;
  private ready = false;
  private readyAt = 0;
  /** The socket that a `migrate` message asked for, until it takes over. */
  private successor: Link | undefined;
  private move: Move | undefined;
  private started = false;
  /** The dial is being asked: no socket stands for the attempt yet. */
  private dialing = false;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  /** Servers that were lost or not reached since the last one that was: a dead one goes on being named for some seconds. */
  private readonly lost = new Set<string>();

  constructor(options: ConnectionOptions) {
    this.options = options;
    this.timings = { ...defaultTimings, ...options.timings };
    this.backoff = new Backoff(options.backoff);
    this.subscriptions = new Subscriptions(options.backoff ?? {}, () => this.showProgress());
  }

  get state(): ConnectionState {
    return this.current;
  }

  /** Told of every change until the returned function is called. */
  onState(listener: ConnectionStateListener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Connects, if that has not begun; needed only where nothing is watched or asked. */
  open(): void {
    if (this.started || this.current.name === 'closed') return;
    this.started = true;
    void this.dial();
  }

  /** Tries at once instead of after the wait, as when a browser says that it is online again. */
  retryNow(): void {
    if (this.current.name !== 'offline') return;
    clearTimeout(this.retryTimer);
    void this.dial();
  }

  /** Ends everything; requests that wait are rejected. */
  close(reason = 'closed by the client'): void {
    this.end({ name: 'closed', reason });
  }

  /**
   * Sends a message and answers with the data of its reply; waits for the connection where there is none. Rejects with
   * the server's error, with `network.timeout` (default 30 s), or with `connection.closed` when the connection is lost
   * before the reply: whether to send it again is the caller's to decide.
   */
  request<T = unknown>(type: string, data: unknown, options: { timeoutMs?: number | undefined } = {}): Promise<T> {
    this.open();
    return this.outbox.request(type, data, options.timeoutMs ?? 30_000) as Promise<T>;
  }

  /** Every event of a stream room, in order, once, over reconnects. Throws for a room that is watched already. */
  watchStream(room: string, observer: StreamObserver): StreamWatch {
    const subscription = new StreamSubscription(room, observer);
    const close = this.watch(subscription);
    return {
      room,
      get offset() {
        return subscription.cursor.offset;
      },
      get epoch() {
        return subscription.cursor.epoch;
      },
      close,
    };
  }

  /** The rows of a state room, each as it is now. Throws for a room that is watched already. */
  watchState(room: string, observer: StateObserver): StateWatch {
    return { room, close: this.watch(new StateSubscription(room, observer)) };
  }

  private watch(subscription: Subscription): () => void {
    this.subscriptions.add(subscription);
    this.open();
    if (this.ready && this.link !== undefined) void this.subscriptions.subscribe(this.link, subscription);
    if (this.successor !== undefined) void this.subscriptions.subscribe(this.successor, subscription);
    return () => {
      if (!this.subscriptions.remove(subscription)) return;
      if (this.ready && this.link !== undefined) this.subscriptions.unsubscribe(this.link, subscription.room);
      if (this.successor !== undefined) this.subscriptions.unsubscribe(this.successor, subscription.room);
      this.showProgress();
    };
  }

  private async dial(): Promise<void> {
    // Two sockets at once would deliver everything twice, and nobody would ever close the one that lost.
    if (this.dialing || this.link !== undefined) return;
    this.dialing = true;
    try {
      const target = await this.options.dial.target([...this.lost]);
      if (this.current.name === 'closed') return;
      this.link = this.openLink(target, {
        ready: (link) => this.onReady(link),
        push: (link, frame) => this.onPush(link, frame),
        closed: (link, close) => this.onClosed(link, close),
      });
    } catch (cause) {
      if (this.current.name === 'closed') return;
      const error = asTestcastError(cause);
      if (error.temporary) this.retryLater(error.message, error.retryAfterMs);
      else this.end({ name: 'closed', reason: error.message, code: error.code });
    } finally {
      this.dialing = false;
    }
  }

  private openLink(target: SocketTarget, events: LinkEvents): Link {
    return new Link(this.options.openSocket, target, this.timings, events);
  }

  private onReady(link: Link): void {
    this.ready = true;
    this.readyAt = Date.now();
    this.lost.clear();
    void this.subscriptions.subscribeAll(link);
    this.outbox.use(link);
    this.showProgress();
  }

  private onPush(link: Link, frame: ServerPush): void {
    if (frame.type === 'migrate') this.migrate(frame);
    else this.subscriptions.push(link, frame);
  }

  private onClosed(link: Link, close: LinkClose): void {
    this.subscriptions.linkClosed(link);
    if (link !== this.link) return;
    this.link = undefined;
    this.noteLost(link.serverId);
    this.outbox.use(undefined);
    if (this.ready && Date.now() - this.readyAt >= settledMs) this.backoff.reset();
    this.ready = false;
    const refusedForGood = close.refused === 401 || close.refused === 403;
    if (!afterClose(close.code).reconnect) this.end({ name: 'closed', reason: close.reason, code: close.code });
    else if (refusedForGood && !this.options.dial.ticketed) {
      this.end({ name: 'closed', reason: close.reason, code: close.refused });
    } else if (this.successor === undefined) this.retryLater(close.reason, close.reconnectInMs ?? close.retryAfterMs);
  }

  /** The newest few: an outage may last through any number of servers. */
  private noteLost(serverId: string | undefined): void {
    if (serverId === undefined) return;
    this.lost.delete(serverId);
    this.lost.add(serverId);
    if (this.lost.size > mostAvoided) this.lost.delete(this.lost.values().next().value!);
  }

  private retryLater(reason: string, atLeastMs?: number): void {
    const waitMs = this.backoff.next(atLeastMs);
    const since = this.current.name === 'offline' ? this.current.since : Date.now();
    this.retryTimer = setTimeout(() => void this.dial(), waitMs);
    this.show({ name: 'offline', since, reason, retryAt: Date.now() + waitMs });
  }

  /** Make before break: the old socket delivers until the new one has answered for every room. */
  private migrate(frame: Extract<ServerPush, { type: 'migrate' }>): void {
    if (this.successor !== undefined) return;
    this.move?.cancel();
    try {
      this.move = new Move(frame, this.options.backoff);
      this.openSuccessor(this.move);
    } catch {
      // An address that cannot be opened: the old socket serves on, and its close leads to a new one.
    }
  }

  private openSuccessor(move: Move): void {
    const { link: from } = this;
    this.successor = this.openLink(move.target, {
      ready: (link) => void this.takeOver(link, move),
      push: (link, frame) => this.onPush(link, frame),
      closed: (link, close) => {
        const isRefused = link === this.successor;
        this.onSuccessorClosed(link, close);
        if (isRefused && from !== undefined && this.link === from) {
          move.refused(close, () => {
            if (this.link === from) this.openSuccessor(move);
          });
        }
      },
    });
  }

  private onSuccessorClosed(link: Link, close: LinkClose): void {
    if (link !== this.successor) return this.onClosed(link, close);
    this.successor = undefined;
    this.subscriptions.linkClosed(link);
    // The old socket may have gone in the meantime, counting on this one.
    if (this.link === undefined) this.retryLater(close.reason, close.reconnectInMs ?? close.retryAfterMs);
  }

  private async takeOver(link: Link, move: Move): Promise<void> {
    await this.subscriptions.subscribeAll(link);
    if (!link.alive || this.successor !== link) return;
    const old = this.link;
    this.successor = undefined;
    this.link = link;
    this.ready = true;
    this.readyAt = Date.now();
    this.outbox.use(link);
    // Requests that were sent over the old socket get their replies there.
    old?.closeWhenIdle('migrated', move.leftMs, () => this.subscriptions.linkClosed(old));
    this.showProgress();
  }

  private end(state: ConnectionState): void {
    if (this.current.name === 'closed') return;
    clearTimeout(this.retryTimer);
    this.move?.cancel();
    this.show(state);
    this.successor?.close('closed');
    this.link?.close('closed');
    this.link = undefined;
    this.successor = undefined;
    this.ready = false;
    const { reason } = state as { reason: string };
    this.outbox.end(
      new TestcastError('connection.closed', `The connection is closed: ${reason}.`, { temporary: false }),
    );
  }

  private showProgress(): void {
    if (!this.ready || this.link === undefined) return;
    if (this.subscriptions.caughtUp(this.link)) return this.show({ name: 'live' });
    const { behind } = this.subscriptions;
    this.show(behind > 0 ? { name: 'catchingUp', behind } : { name: 'catchingUp' });
  }

  private show(state: ConnectionState): void {
    const before = this.current;
    if (before.name === 'closed' || (before.name === state.name && sameProgress(before, state))) return;
    this.current = state;
    for (const listener of this.listeners) tell(() => listener(state));
  }
}

function sameProgress(a: ConnectionState, b: ConnectionState): boolean {
  if (a.name === 'catchingUp' && b.name === 'catchingUp') return a.behind === b.behind;
  return a.name !== 'offline';
}
