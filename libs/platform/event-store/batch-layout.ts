import type { EncodedAppend, EncodedEvent } from './encoded-append.ts';
import type { Expected } from './event-store.ts';

/** A stream's events in a batch, of one append or of several unchecked ones. */
export interface StreamInBatch {
  readonly slot: number;
  readonly stream: string;
  readonly expected: Expected | undefined;
  readonly events: EncodedEvent[];
  /** Number of the last lifecycle event among them, from 1; 0 when there is none. */
  lifecycle: number;
}

/**
 * How a batch's events lie in the statement: those of a stream side by side, in the order in which they came, so that the
 * server need not sort them to number them.
 */
export class BatchLayout {
  readonly streams: StreamInBatch[] = [];
  /** Events of each slot. */
  readonly slots = new Map<number, number>();
  /** Of each append, in the order given: its stream here and the number of its first event there, from 0. */
  private readonly places: { readonly stream: number; readonly first: number }[] = [];
  /** Of each stream, the index of its first event in the batch. */
  private readonly firsts: number[] = [];

  constructor(appends: readonly EncodedAppend[]) {
    const known = new Map<string, number>();
    for (const { slot, stream, expected, events } of appends) {
      let index = known.get(stream);
      if (index === undefined) {
        index = this.streams.push({ slot, stream, expected, events: [], lifecycle: 0 }) - 1;
        known.set(stream, index);
      }
      const inBatch = this.streams[index]!;
      this.places.push({ stream: index, first: inBatch.events.length });
      for (const event of events) {
        const number = inBatch.events.push(event);
        if (event.lifecycle) inBatch.lifecycle = number;
      }
      this.slots.set(slot, (this.slots.get(slot) ?? 0) + events.length);
    }
    let first = 0;
    for (const { events } of this.streams) {
      this.firsts.push(first);
      first += events.length;
    }
  }

  /** Index in the batch of the first event of an append. */
  firstOf(append: number): number {
    const { stream, first } = this.places[append]!;
    return this.firsts[stream]! + first;
  }

  /** Every event with its index, in the batch's order. */
  forEach(visit: (event: EncodedEvent, stream: StreamInBatch, index: number) => void): void {
    let index = 0;
    for (const stream of this.streams) for (const event of stream.events) visit(event, stream, index++);
  }
}
