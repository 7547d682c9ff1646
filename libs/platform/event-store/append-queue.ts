import type { EncodedAppend } from './encoded-append.ts';
import type { EventOutcome } from './event-store.ts';

/** An append that waits for its commit. */
export interface PendingAppend {
  readonly append: EncodedAppend;
  /** `performance.now()` of its arrival. */
  readonly since: number;
  /** Of the request that it belongs to, where appends are traced. */
  readonly origin?: unknown;
  readonly resolve: (outcomes: EventOutcome[]) => void;
  readonly reject: (error: Error) => void;
}

export const batchLimits = { events: 500, bytes: 4 * 1024 * 1024 };

/** What waits in one lane, first come first served for each stream. */
export class AppendQueue {
  private waiting: PendingAppend[] = [];

  get length(): number {
    return this.waiting.length;
  }

  push(pending: PendingAppend): void {
    this.waiting.push(pending);
  }

  /**
   * Takes the next batch: at least one append, else at most 500 events and 4 MiB. A stream with a checked append has no
   * other append in the batch; what it must wait for is left in its place, and so is what comes after it for its stream.
   */
  takeBatch(): PendingAppend[] {
    const batch: PendingAppend[] = [];
    const held: PendingAppend[] = [];
    const taken = new Map<string, 'checked' | 'unchecked' | 'held'>();
    let events = 0;
    let bytes = 0;
    let next = 0;
    for (; next < this.waiting.length && events < batchLimits.events; next++) {
      const pending = this.waiting[next]!;
      const { stream, expected } = pending.append;
      const kind = expected === undefined ? 'unchecked' : 'checked';
      const before = taken.get(stream);
      if (before !== undefined && (before !== 'unchecked' || kind === 'checked')) {
        taken.set(stream, before === 'unchecked' ? 'held' : before);
        held.push(pending);
        continue;
      }
      events += pending.append.events.length;
      bytes += pending.append.bytes;
      if (batch.length > 0 && (events > batchLimits.events || bytes > batchLimits.bytes)) break;
      taken.set(stream, kind);
      batch.push(pending);
    }
    this.waiting = held.length === 0 ? this.waiting.slice(next) : [...held, ...this.waiting.slice(next)];
    return batch;
  }
}
