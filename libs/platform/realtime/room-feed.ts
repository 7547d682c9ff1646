import { setTimeout as delay } from 'node:timers/promises';
import { type EventStore, type Heads, type RecordedEvent, slotCount } from '#platform/event-store';
import { everyStep } from '#platform/kernel';

/** Where the events of the log go. */
export interface FeedSink {
  /** An event that has not been seen; events of one stream may come out of order. */
  accept(event: RecordedEvent): void;
  /** Whether anybody here watches anything that this slot may change. */
  wants(slot: number): boolean;
  /** Events of the slot have been left out: rooms read what they lack. */
  jumped(slot: number): void;
  /** The log's history is another one: nothing that was seen holds. */
  epochChanged(epoch: string): void;
  report(what: string, error: unknown): void;
}

/** A slot that is further behind is not read but jumped: the rooms know better what they lack. */
const farBehind = 5000;
const slotsAtOnce = 4;
/** An echo of what was just committed here is already on its way. */
const echoMs = 20;

/**
 * Brings the events of the log to the rooms: at once those that this process commits, and within a second those of
 * others. It keeps a contiguous position for each slot and compares it with the heads of the log, so that even the last
 * event of a slot, which nothing follows, is not missed. A broker feeds the same rooms through `accept`.
 */
export class RoomFeed {
  private positions: number[] | undefined;
  private epoch: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private pokeTimer: NodeJS.Timeout | undefined;
  private stopListening: (() => void) | undefined;
  private polling: Promise<void> | undefined;
  private failing = false;

  constructor(
    private readonly store: EventStore,
    private readonly sink: FeedSink,
    private readonly everyMs: number,
  ) {}

  start(): void {
    if (this.timer !== undefined) return;
    // Listening begins before the first look at the heads: nothing falls between.
    this.stopListening = this.store.onCommitted((events) => this.accept(events));
    this.timer = setInterval(() => void this.poll(), this.everyMs);
    void this.poll();
  }

  /** Nothing is looked at after it; it may be started again. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    clearTimeout(this.pokeTimer);
    const { stopListening } = this;
    this.timer = this.pokeTimer = this.stopListening = undefined;
    await everyStep([() => stopListening?.(), () => this.polling]);
  }

  /** Events from any source, in any order, any number of times. */
  accept(events: readonly RecordedEvent[]): void {
    for (const event of events) {
      const position = this.positions?.[event.slot];
      if (position !== undefined) {
        if (event.position <= position) continue;
        if (event.position === position + 1) this.positions![event.slot] = event.position;
      }
      this.sink.accept(event);
    }
  }

  /** Events that say of which epoch they are, as a broker keeps them: positions of another history mean something else. */
  acceptOf(epoch: string, events: readonly RecordedEvent[]): void {
    if (epoch === this.epoch) this.accept(events);
    else this.poke();
  }

  /** A hint that others have committed: looks soon instead of within the second. */
  poke(): void {
    // Hints come from outside, and the store may be closed once the feed has stopped.
    if (this.timer === undefined) return;
    this.pokeTimer ??= setTimeout(() => {
      this.pokeTimer = undefined;
      void this.poll();
    }, echoMs);
  }

  /** Compares with the heads of the log, and reads what is missing. Never throws. */
  poll(): Promise<void> {
    this.polling ??= this.look().then(
      () => {
        this.failing = false;
        this.polling = undefined;
      },
      (error: unknown) => {
        // Once, not every second of an outage.
        if (!this.failing) this.sink.report('comparing with the heads of the log', error);
        this.failing = true;
        this.polling = undefined;
      },
    );
    return this.polling;
  }

  private async look(): Promise<void> {
    const heads = await this.store.heads();
    if (heads.epoch !== this.epoch) {
      this.begin(heads);
      return;
    }
    const behind = this.behind(heads);
    if (behind.length === 0) return;
    await delay(echoMs);
    const slots = this.behind(heads);
    const workers = Array.from({ length: Math.min(slotsAtOnce, slots.length) }, async () => {
      for (let slot = slots.pop(); slot !== undefined; slot = slots.pop())
        await this.read(slot, heads.positions[slot]!);
    });
    await Promise.all(workers);
  }

  private begin({ epoch, positions }: Heads): void {
    const isFirst = this.epoch === undefined;
    this.epoch = epoch;
    this.positions = [...positions];
    if (!isFirst) this.sink.epochChanged(epoch);
    // Rooms that were opened before the first look may lack what came between.
    else for (let slot = 0; slot < slotCount; slot++) this.sink.jumped(slot);
  }

  /** Slots to be read. Those that nobody watches are moved on: a room that opens later takes its head from the store. */
  private behind(heads: Heads): number[] {
    const slots: number[] = [];
    const positions = this.positions!;
    for (const [slot, head] of heads.positions.entries()) {
      if (head <= positions[slot]!) continue;
      if (this.sink.wants(slot)) slots.push(slot);
      else positions[slot] = head;
    }
    return slots;
  }

  private async read(slot: number, head: number): Promise<void> {
    const positions = this.positions!;
    if (head - positions[slot]! > farBehind) {
      positions[slot] = head;
      this.sink.jumped(slot);
      return;
    }
    while (positions[slot]! < head) {
      const events = await this.store.readSlot(slot, positions[slot]!, { minPosition: head });
      // Another epoch began meanwhile, or the reader is behind the heads: the next look goes on.
      if (events.length === 0 || positions !== this.positions) return;
      this.accept(events);
    }
  }
}
