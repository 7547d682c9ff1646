import { Logger } from '@nestjs/common';
import type { EventStore, RecordedEvent } from '#platform/event-store';
import { backoffMs } from './engine/backoff.ts';
import { LogHole } from './engine/log-hole.ts';
import { Signal } from './engine/signal.ts';

/** Milliseconds between two looks at the heads of a log that is quiet, when nobody wakes the tail. */
const idleMs = 250;
/** After something was found, more is likely to come: the wait begins here and doubles up to `idleMs`. */
const busyMs = 30;
/**
 * Looks are no closer than this, however often hints come, and no closer than the last one took: each reads every slot
 * that moved, one event or many alike, so a tail that looked without a pause would keep a busy server busy with looking.
 */
const closestMs = 100;
const farthestMs = 200;
const pageEvents = 500;
/**
 * About so many events are offered at once. The slots of a look are not offered one by one as they are read: workers
 * would begin with the first event that comes, and commit a transaction for each.
 */
const roundEvents = 1_000;
/** Slots that are read at once. */
const readers = 4;

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

/** Follows the log by its heads: reads the slots that moved, page by page, as fast as the sink takes them. */
export class LogTail {
  private readonly logger = new Logger('LogTail');
  private readonly signal = new Signal();
  private positions: number[] = [];
  private epoch: string | undefined;
  private stopped = true;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: Pick<EventStore, 'heads' | 'readSlot'>,
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
        const found = await this.look();
        idle = found ? busyMs : Math.min(idleMs, idle * 2);
        failures = 0;
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

  /** Resolves to whether there was anything new. */
  private async look(): Promise<boolean> {
    const { epoch, positions: heads } = await this.store.heads();
    if ((this.epoch ?? epoch) !== epoch || (this.sink.epoch ?? epoch) !== epoch) {
      this.logger.warn(`the log goes on in epoch ${epoch}`);
      this.positions = [...(await this.sink.reload())];
    }
    this.epoch = epoch;
    this.sink.noteHeads(heads);
    // Whoever takes a slot over reads by itself what came before it did.
    for (const [slot, head] of heads.entries()) if (this.sink.follows?.(slot) === false) this.positions[slot] = head;
    let found = false;
    for (;;) {
      const behind = [...heads.keys()].filter((slot) => heads[slot]! > this.positions[slot]!);
      const events = this.stopped ? [] : await this.readRound(behind);
      if (events.length === 0) return found;
      found = true;
      for (const { slot, position } of events) this.positions[slot] = position;
      await this.sink.offer(events, epoch);
    }
  }

  /** The next events of these slots, for as many of them as fill a round: each slot's in order, and none twice. */
  private async readRound(slots: readonly number[]): Promise<RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    const queue = slots.values();
    const read = async (): Promise<void> => {
      while (!this.stopped && events.length < roundEvents) {
        const { value: slot, done } = queue.next();
        if (done === true) return;
        const after = this.positions[slot]!;
        const page = await this.store.readSlot(slot, after, { limit: pageEvents });
        const [first] = page;
        if (first !== undefined && first.position !== after + 1) throw new LogHole(slot, after + 1, first.position);
        events.push(...page);
      }
    };
    const outcomes = await Promise.allSettled(Array.from({ length: Math.min(readers, slots.length) }, read));
    // All of them end before anything else is done, else two would read one slot and a stopped tail would go on reading.
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return events;
  }
}
