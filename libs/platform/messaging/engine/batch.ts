import type { RecordedEvent } from '#platform/event-store';
import type { Move } from './checkpoint-store.ts';

export interface Entry {
  readonly event: RecordedEvent;
  /** Of a type that the projection handles, and not erased: a handler would find none of the data that it reads. */
  readonly wanted: boolean;
}

/** Consecutive events of some slots: each slot's events stand together and in order, beginning after its checkpoint. */
export type Batch = readonly Entry[];

export function wantedEvents(batch: Batch): RecordedEvent[] {
  return batch.filter((entry) => entry.wanted).map((entry) => entry.event);
}

/**
 * Where the batch takes the checkpoint of each of its slots, slots ascending: the order in which their rows are locked.
 * `from` is told by the events, not by the lane, whose checkpoint may have been set anew since the batch was gathered:
 * moving on from there would skip events.
 */
export function movesOf(batch: Batch): Move[] {
  const moves = new Map<number, Move>();
  for (const { event } of batch) {
    const from = moves.get(event.slot)?.from ?? event.position - 1;
    moves.set(event.slot, { slot: event.slot, from, to: event.position });
  }
  return [...moves.values()].sort((a, b) => a.slot - b.slot);
}

/** Two halves with the same number of wanted events, or one more in the second; needs two of them. */
export function bisect(batch: Batch): [Batch, Batch] {
  const half = Math.floor(wantedEvents(batch).length / 2);
  let seen = 0;
  const cut = batch.findIndex((entry) => entry.wanted && (seen += 1) === half) + 1;
  return [batch.slice(0, cut), batch.slice(cut)];
}
