import { setImmediate as nextTurn } from 'node:timers/promises';
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
/**
 * Milliseconds from the end of a look to the next, however often hints come: what comes meanwhile is read together. It is
 * twice what the look took, so that many gateways do not keep a busy server busy with being looked at.
 */
const rests = { least: 10, most: 30 };

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
  private poked = false;
  private restsUntil = -Infinity;
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

  /** A hint that others have committed: looks at once, or as soon as the look before it is over, instead of within the second. */
  poke(): void {
    // Hints come from outside, and the store may be closed once the feed has stopped.
    if (this.timer === undefined) return;
    this.poked = true;
    // The look that is under way may have read the heads before the commit that this is about.
    if (this.polling !== undefined || this.pokeTimer !== undefined) return;
    const rest = this.restsUntil - performance.now();
    if (rest <= 0) void this.poll();
    else this.pokeTimer = setTimeout(() => void this.poll(), rest);
  }

  /** Compares with the heads of the log, and reads what is missing. Never throws. */
  poll(): Promise<void> {
    this.polling ??= this.lookOnce();
    return this.polling;
  }

  private async lookOnce(): Promise<void> {
    const began = performance.now();
    this.poked = false;
    clearTimeout(this.pokeTimer);
    this.pokeTimer = undefined;
    try {
      await this.look();
      this.failing = false;
    } catch (error) {
      // Once, not every second of an outage.
      if (!this.failing) this.sink.report('comparing with the heads of the log', error);
      this.failing = true;
    }
    this.polling = undefined;
    const ended = performance.now();
    this.restsUntil = ended + Math.min(rests.most, Math.max(rests.least, 2 * (ended - began)));
    if (this.poked) this.poke();
  }

  private async look(): Promise<void> {
    const heads = await this.store.heads();
    if (heads.epoch !== this.epoch) {
      this.begin(heads);
      return;
    }
    // The answer to an append of this process came before these heads did: it may be the next to be looked at.
    await nextTurn();
    const { positions } = this;
    for (let after = this.behind(heads); after.size > 0; after = this.behind(heads)) {
      const events = await this.store.readSlots(after, { minPositions: heads.positions });
      // Another epoch began meanwhile, or the reader is behind the heads: the next look goes on.
      if (events.length === 0 || positions !== this.positions) return;
      this.accept(events);
    }
  }

  private begin({ epoch, positions }: Heads): void {
    const isFirst = this.epoch === undefined;
    this.epoch = epoch;
    this.positions = [...positions];
    if (!isFirst) this.sink.epochChanged(epoch);
    // Rooms that were opened before the first look may lack what came between.
    else for (let slot = 0; slot < slotCount; slot++) this.sink.jumped(slot);
  }

  /**
   * Slots to be read, and after which position. Those that nobody watches are moved on: a room that opens later takes its
   * head from the store.
   */
  private behind(heads: Heads): ReadonlyMap<number, number> {
    const after = new Map<number, number>();
    const positions = this.positions!;
    for (const [slot, head] of heads.positions.entries()) {
      const position = positions[slot]!;
      if (head <= position) continue;
      const isWanted = this.sink.wants(slot);
      if (isWanted && head - position <= farBehind) {
        after.set(slot, position);
        continue;
      }
      positions[slot] = head;
      if (isWanted) this.sink.jumped(slot);
    }
    return after;
  }
}
