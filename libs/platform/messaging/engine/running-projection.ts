import { type RecordedEvent, slotCount } from '#platform/event-store';
import type { Entry } from './batch.ts';
import { Lane } from './lane.ts';
import type { ProjectionHandler } from './projection-handler.ts';

/** Parking more streams than this within a minute means that the projection is broken, not its events. */
const parkedPerMinute = 100;

/** A projection with its 256 lanes. */
export class RunningProjection {
  readonly lanes: readonly Lane[] = Array.from({ length: slotCount }, (_, slot) => new Lane(slot));
  /** Groups of its lanes that wait to be tried again; while there are any, the feed does not wait for this projection. */
  backingOff = 0;
  private readonly wanted: ReadonlySet<string>;
  private recentlyParked: number[] = [];
  private tooManyParked = false;

  constructor(readonly handler: ProjectionHandler) {
    this.wanted = new Set(handler.events);
  }

  get name(): string {
    return this.handler.name;
  }

  /** Stopped until the process starts anew: going on would set aside stream after stream. */
  get stopped(): boolean {
    return this.tooManyParked;
  }

  get bytes(): number {
    return this.lanes.reduce((sum, lane) => sum + lane.bytes, 0);
  }

  get lag(): number {
    return this.lanes.reduce((sum, lane) => sum + lane.pending, 0);
  }

  entry(event: RecordedEvent): Entry {
    return { event, wanted: this.wanted.has(event.type) };
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
}
