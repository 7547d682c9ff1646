import type { RecordedEvent } from '#platform/event-store';

type Sequenced = Pick<RecordedEvent, 'version' | 'dataJson'>;

/**
 * Puts the events of one stream in order, from whatever sources bring them: local echo, tail of the log, Kafka, reads.
 * Drops what is at or below its head, delivers what is next, keeps what is ahead, and says when a hole stays. No I/O and
 * no clock of its own. For any interleaving, repetition and loss of sources, `deliver` gets head + 1, head + 2 … once.
 */
export class RoomSequencer<E extends Sequenced = RecordedEvent> {
  private current: number | undefined;
  private highest = 0;
  private readonly ahead = new Map<number, E>();
  private aheadBytes = 0;
  private holeSince: number | undefined;
  private overflowed = false;

  constructor(
    private readonly deliver: (event: E) => void,
    /** Bytes of data that may wait behind a hole; more is forgotten, and read from the store instead. */
    private readonly maxAheadBytes = 1024 * 1024,
  ) {}

  /** Version of the last delivered event; undefined until `startAt`. */
  get head(): number | undefined {
    return this.current;
  }

  get parkedBytes(): number {
    return this.aheadBytes;
  }

  /** Everything up to `head` counts as delivered. What came before the head was known follows at once. */
  startAt(head: number, now: number): void {
    if (this.current !== undefined) return;
    this.current = head;
    this.highest = Math.max(this.highest, head);
    for (const version of this.ahead.keys()) if (version <= head) this.unpark(version);
    this.deliverParked();
    this.watchHole(now);
  }

  accept(event: E, now: number): void {
    if (event.version > this.highest) this.highest = event.version;
    if (this.current !== undefined && event.version <= this.current) return;
    if (this.current !== undefined && event.version === this.current + 1) {
      this.unpark(event.version);
      this.current = event.version;
      this.deliver(event);
      if (this.ahead.size > 0) this.deliverParked();
    } else {
      this.park(event);
    }
    this.watchHole(now);
  }

  /** The store has events up to this version, whether or not any source has brought them. */
  noteHead(version: number, now: number): void {
    if (version > this.highest) this.highest = version;
    this.watchHole(now);
  }

  /**
   * When the hole behind the head is to be read from the store: undefined = there is none, else a time of the caller's
   * clock, given how long a hole may stay.
   */
  readDueAt(holdMs: number): number | undefined {
    if (this.holeSince === undefined) return undefined;
    return this.overflowed ? this.holeSince : this.holeSince + holdMs;
  }

  /** A read has been asked for: the next one is due after a further hold. */
  readStarted(now: number): void {
    this.overflowed = false;
    if (this.holeSince !== undefined) this.holeSince = now;
  }

  private park(event: E): void {
    if (this.ahead.has(event.version)) return;
    this.ahead.set(event.version, event);
    this.aheadBytes += event.dataJson.length;
    if (this.aheadBytes <= this.maxAheadBytes) return;
    this.ahead.clear();
    this.aheadBytes = 0;
    this.overflowed = true;
  }

  private unpark(version: number): E | undefined {
    const event = this.ahead.get(version);
    if (event === undefined) return undefined;
    this.ahead.delete(version);
    this.aheadBytes -= event.dataJson.length;
    return event;
  }

  private deliverParked(): void {
    for (;;) {
      const event = this.unpark(this.current! + 1);
      if (event === undefined) return;
      this.current = event.version;
      this.deliver(event);
    }
  }

  private watchHole(now: number): void {
    if (this.current === undefined || this.highest <= this.current) {
      this.holeSince = undefined;
      this.overflowed = false;
    } else {
      this.holeSince ??= now;
    }
  }
}
