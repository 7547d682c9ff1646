import { Logger } from '@nestjs/common';
import type { EventStore, RecordedEvent } from '#platform/event-store';
import { backoffMs } from './engine/backoff.ts';
import { LogHole } from './engine/log-hole.ts';
import { Signal } from './engine/signal.ts';
import { SlotTurns } from './engine/slot-turns.ts';

/** Milliseconds between two looks at the heads of a log that is quiet, when nobody wakes the tail. */
const idleMs = 250;
/** After something was found, more is likely to come: the wait begins here and doubles up to `idleMs`. */
const busyMs = 30;
/**
 * Looks are no closer than this, however often hints come, and no closer than the last one took: a tail that looked without
 * a pause would bring events one by one, and each would be given a transaction of its own.
 */
const closestMs = 100;
const farthestMs = 200;
/** What is read and offered at once. */
const page = { limit: 1_000, maxBytes: 1024 * 1024 };

/** What the tail feeds. */
export interface LogSink {
  /** The epoch that it goes by. */
  readonly epoch?: string | undefined;
  /** Resolves when there is room for more. @param epoch that the events were read in */
  offer(events: readonly RecordedEvent[], epoch: string): Promise<void>;
  noteHeads(positions: readonly number[]): void;
  /** Whether the slot's events are wanted; another process follows the others, and may leave them to us at any time. */
  follows?(slot: number): boolean;
  /** The log's history has changed (a fail-over, a restore): start anew and say from where. */
  reload(): Promise<readonly number[]>;
}

/** Follows the log by its heads: reads what is new of all slots that moved, page by page, as fast as the sink takes it. */
export class LogTail {
  private readonly logger = new Logger('LogTail');
  private readonly signal = new Signal();
  private readonly turns = new SlotTurns();
  private positions: number[] = [];
  private epoch: string | undefined;
  private stopped = true;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: Pick<EventStore, 'heads' | 'readSlots'>,
    private readonly sink: LogSink,
  ) {}

  /** Follows from after these positions, one a slot. */
  start(positions: readonly number[]): void {
    this.positions = [...positions];
    this.stopped = false;
    this.running = this.follow();
  }

  /** Something was committed: look now. May be called as often as one likes. */
  wake(): void {
    this.signal.give();
  }

  /** Resolves when nothing is being read any more. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.signal.give();
    await this.running;
  }

  private async follow(): Promise<void> {
    let idle = busyMs;
    let failures = 0;
    while (!this.stopped) {
      const began = performance.now();
      try {
        const seen = await this.look();
        failures = 0;
        if (seen === 'more') continue;
        idle = seen === 'news' ? busyMs : Math.min(idleMs, idle * 2);
      } catch (error) {
        failures += 1;
        if (failures === 1 || failures % 12 === 0)
          this.logger.warn(`cannot read the log (attempt ${failures}): ${String(error)}`);
      }
      const pause = Math.min(farthestMs, Math.max(closestMs, performance.now() - began));
      const ended = performance.now();
      await this.signal.wait(failures > 0 ? backoffMs(failures) : idle);
      const early = pause - (performance.now() - ended);
      if (early > 0 && !this.stopped) await new Promise((resolve) => setTimeout(resolve, early));
    }
  }

  /**
   * Takes a page of what is new. `more`: there is more than that. The heads are looked at anew then, so that a slot that is
   * far behind does not keep the others from moving on meanwhile.
   */
  private async look(): Promise<'nothing' | 'news' | 'more'> {
    const { epoch, positions: heads } = await this.store.heads();
    if ((this.epoch ?? epoch) !== epoch || (this.sink.epoch ?? epoch) !== epoch) {
      this.logger.warn(`the log goes on in epoch ${epoch}`);
      this.positions = [...(await this.sink.reload())];
    }
    this.epoch = epoch;
    this.sink.noteHeads(heads);
    // Whoever takes a slot over reads by itself what came before it did.
    for (const [slot, head] of heads.entries()) if (this.sink.follows?.(slot) === false) this.positions[slot] = head;
    const events = await this.readPage(heads);
    if (events.length === 0) return 'nothing';
    for (const { slot, position } of events) this.positions[slot] = position;
    this.turns.served(new Set(events.map(({ slot }) => slot)));
    await this.sink.offer(events, epoch);
    return this.behind(heads).size > 0 ? 'more' : 'news';
  }

  private behind(heads: readonly number[]): Map<number, number> {
    return this.turns.behind(heads, (slot) => this.positions[slot]);
  }

  /** The next events of the slots that are behind these heads: each slot's in order, and none twice. */
  private async readPage(heads: readonly number[]): Promise<readonly RecordedEvent[]> {
    const after = this.behind(heads);
    if (after.size === 0) return [];
    const events = await this.store.readSlots(after, page);
    for (const { slot, position } of events) {
      const expected = after.get(slot)! + 1;
      if (position !== expected) throw new LogHole(slot, expected, position);
      after.set(slot, position);
    }
    return events;
  }
}
