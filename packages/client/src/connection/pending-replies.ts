import { limits } from '@testcast/contracts';
import { TestcastError } from '../testcast-error.ts';

interface Waiting {
  type: string;
  data: unknown;
  resolve: (data: unknown) => void;
  reject: (error: TestcastError) => void;
}

/** Requests that may wait for a place among the 16 that a connection may have in flight. */
const queueLimit = 1000;

/** The requests of one connection: at most 16 wait for their reply, the rest for their turn, in order. */
export class PendingReplies {
  private readonly inFlight = new Map<number, Waiting>();
  private readonly queue: Waiting[] = [];
  private readonly send: (text: string) => void;
  private lastId = 0;
  private started = false;
  private onIdle: (() => void) | undefined;

  constructor(send: (text: string) => void) {
    this.send = send;
  }

  /** Calls back once, when nothing waits for a reply: perhaps at once. */
  whenIdle(callback: () => void): void {
    this.onIdle = callback;
    this.checkIdle();
  }

  /**
   * Rejects with the server's error, or when the connection closes before the reply. `onReply` is called with the reply's
   * data before any later frame is looked at, which a promise cannot do: frames that came in one packet are all handled
   * before its callbacks run.
   */
  request(type: string, data: unknown, onReply?: (data: unknown) => void): Promise<unknown> {
    if (this.queue.length >= queueLimit) {
      const message = `More than ${queueLimit} requests wait for the server.`;
      return Promise.reject(new TestcastError('connection.queue-full', message, { temporary: true }));
    }
    return new Promise((settle, reject) => {
      const resolve = (reply: unknown): void => {
        onReply?.(reply);
        settle(reply);
      };
      this.queue.push({ type, data, resolve, reject });
      this.pump();
    });
  }

  /** The connection is ready: nothing is sent before. */
  start(): void {
    this.started = true;
    this.pump();
  }

  /** Settles the request that this reply belongs to; false when there is none. */
  settle(id: unknown, outcome: { data: unknown } | { error: TestcastError }): boolean {
    const waiting = typeof id === 'number' ? this.inFlight.get(id) : undefined;
    if (waiting === undefined) return false;
    this.inFlight.delete(id as number);
    if ('error' in outcome) waiting.reject(outcome.error);
    else waiting.resolve(outcome.data);
    this.pump();
    this.checkIdle();
    return true;
  }

  fail(error: TestcastError): void {
    this.started = false;
    const all = [...this.inFlight.values(), ...this.queue];
    this.inFlight.clear();
    this.queue.length = 0;
    for (const waiting of all) waiting.reject(error);
    this.checkIdle();
  }

  private checkIdle(): void {
    if (this.onIdle === undefined || this.inFlight.size > 0 || this.queue.length > 0) return;
    const callback = this.onIdle;
    this.onIdle = undefined;
    callback();
  }

  private pump(): void {
    while (this.started && this.inFlight.size < limits.inFlight && this.queue.length > 0) {
      const waiting = this.queue.shift()!;
      this.lastId += 1;
      this.inFlight.set(this.lastId, waiting);
      this.send(JSON.stringify({ id: this.lastId, type: waiting.type, data: waiting.data }));
    }
  }
}
