import { isErased, type RecordedEvent, slotCount } from '#platform/event-store';
import type { Entry } from './batch.ts';
import type { Build } from './build.ts';
import { Lane } from './lane.ts';

/** Parking more streams than this within a minute means that the projection is broken, not its events. */
const parkedPerMinute = 100;

/** What one transaction may hold. */
export interface BatchLimits {
  /** Events of handled types. */
  readonly wanted: number;
  /** All events: those of other types only move checkpoints, but hold their rows meanwhile. */
  readonly total: number;
  /** Of a page read from the store. */
  readonly page: number;
  /** Bytes of such a page. */
  readonly pageBytes: number;
}

/**
 * Of this little, since people wait for it: what came with one event is seen when the whole transaction is. Not of less,
 * since a transaction costs the same statements however few events it has.
 */
const live: BatchLimits = { wanted: 500, total: 2_000, page: 500, pageBytes: 256 * 1024 };
/** Nobody waits for a single event of a table that is being filled, and each transaction costs the same few statements. */
const bulk: BatchLimits = { wanted: 2_000, total: 10_000, page: 2_000, pageBytes: 2 * 1024 * 1024 };
/** Events behind the log above which a live build catches up in bulk, as after a night without a projector. */
const farBehind = 20_000;

/** A build at work, with its 256 lanes. */
export class RunningProjection {
  readonly lanes: readonly Lane[] = Array.from({ length: slotCount }, (_, slot) => new Lane(slot));
  /** Groups of its lanes that wait to be tried again; while there are any, the feed does not wait for this projection. */
  backingOff = 0;
  private readonly wanted: ReadonlySet<string>;
  private recentlyParked: number[] = [];
  private tooManyParked = false;
  private retired = false;

  constructor(readonly build: Build) {
    this.wanted = new Set(build.events);
  }

  get name(): string {
    return this.build.name;
  }

  /** Its tables are being filled, and nobody reads them yet. */
  get filling(): boolean {
    return this.build.filling;
  }

  /** To be asked once for each batch: it looks at every lane. */
  limits(): BatchLimits {
    const { filling, lag } = this;
    return filling || lag > farBehind ? bulk : live;
  }

  /** Stopped until the process starts anew: going on would set aside stream after stream. */
  get stopped(): boolean {
    return this.tooManyParked;
  }

  /** Nothing of it is to be done here any more: it has stopped, or another build has taken its place. */
  get ended(): boolean {
    return this.tooManyParked || this.retired;
  }

  get bytes(): number {
    return this.lanes.reduce((sum, lane) => sum + lane.bytes, 0);
  }

  get lag(): number {
    return this.lanes.reduce((sum, lane) => sum + lane.pending, 0);
  }

  /** @returns milliseconds that the event which waits longest has waited since its append, 0 when none does */
  lagMs(now: number): number {
    return Math.max(0, ...this.lanes.flatMap(({ waitingSince }) => waitingSince ?? []).map((since) => now - since));
  }

  entry(event: RecordedEvent): Entry {
    return { event, wanted: this.wanted.has(event.type) && !isErased(event) };
  }

  /** @param now epoch milliseconds */
  noteParked(now: number): void {
    this.recentlyParked = this.recentlyParked.filter((at) => at > now - 60_000);
    this.recentlyParked.push(now);
    if (this.recentlyParked.length > parkedPerMinute) this.tooManyParked = true;
  }

  /** Takes the checkpoints as they are kept. */
  settle(positions: ReadonlyMap<number, number>): void {
    for (const [slot, position] of positions) this.lanes[slot]!.settle(position);
  }

  /** Another build has taken its place. */
  retire(): void {
    this.retired = true;
    for (const lane of this.lanes) lane.follow(false);
  }
}
