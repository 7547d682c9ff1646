import { setTimeout as delay } from 'node:timers/promises';
import { DomainError } from '#platform/kernel';
import { AppendQueue, type PendingAppend } from './append-queue.ts';
import { isUnreachable } from './unreachable.ts';

/** One statement's worth of appends, over the lane's connection. */
export interface Batch {
  /** Commits and answers; when it throws, nothing was answered, and trying again is safe. @param timeout milliseconds */
  attempt(timeout: number): Promise<void>;
  /** After a failed attempt. */
  abandonConnection(): Promise<void>;
}

/** Milliseconds after its arrival up to which an append is tried again. */
const defaultPatience = 10_000;
const firstBackoff = 20;
const longestBackoff = 1_000;

export interface LaneStats {
  batches: number;
  events: number;
  retries: number;
  failures: number;
}

/**
 * Group commit for one class of slots: one batch under way, retries included, and whatever arrives meanwhile is the next.
 * The batch size follows the load by itself, with no timer that an idle store would wait for.
 */
export class AppendLane {
  readonly stats: LaneStats = { batches: 0, events: 0, retries: 0, failures: 0 };
  private readonly queue = new AppendQueue();
  private running: Promise<void> | undefined;

  constructor(
    private readonly batchOf: (pending: readonly PendingAppend[]) => Batch,
    private readonly patience = defaultPatience,
  ) {}

  push(pending: PendingAppend): void {
    this.queue.push(pending);
    this.running ??= this.run();
  }

  /** Resolves when nothing is queued or under way. */
  async idle(): Promise<void> {
    while (this.running !== undefined) await this.running;
  }

  private async run(): Promise<void> {
    while (this.queue.length > 0) {
      // What the same turn of the event loop still pushes goes into the batch. A busy turn reads many requests, and a
      // batch for the first of them alone costs the server as much as one for all.
      await new Promise(setImmediate);
      await this.commit(this.queue.takeBatch());
    }
    this.running = undefined;
  }

  private async commit(pending: readonly PendingAppend[]): Promise<void> {
    try {
      await this.commitWithRetries(this.batchOf(pending), pending[0]!.since + this.patience);
      this.stats.batches++;
      for (const { append } of pending) this.stats.events += append.events.length;
    } catch (error) {
      if (pending.length > 1 && !(error instanceof DomainError)) {
        // One of them is what the server will not have: the others must not fail with it.
        for (const one of pending) await this.commit([one]);
        return;
      }
      this.stats.failures++;
      for (const one of pending) one.reject(error as Error);
    }
  }

  private async commitWithRetries(batch: Batch, deadline: number): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await batch.attempt(Math.max(deadline - performance.now(), 1_000));
        return;
      } catch (error) {
        await batch.abandonConnection();
        if (!isUnreachable(error)) throw error;
        const backoff = Math.min(firstBackoff * 2 ** (tries - 1), longestBackoff) * (0.5 + Math.random());
        if (performance.now() + backoff > deadline) throw unavailable(error);
        this.stats.retries++;
        await delay(backoff);
      }
    }
  }
}

function unavailable(cause: unknown): DomainError {
  return new DomainError('store.unavailable', undefined, { retryAfterMs: 1_000, cause });
}
