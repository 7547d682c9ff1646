import type { RecordedEvent } from '#platform/event-store';
import { partitionOf } from './kafka-options.ts';

export interface Acknowledged {
  /** slot → position up to which it has been published. */
  readonly moved: ReadonlyMap<number, number>;
  /** Events of partitions that the answer does not name: nobody knows whether they are there. */
  readonly missing: number;
}

/**
 * How far a batch has got.
 *
 * @param events in order within each slot
 * @param partitions those that the broker's answer names
 */
export function acknowledgedOf(
  events: readonly Pick<RecordedEvent, 'slot' | 'position'>[],
  partitions: ReadonlySet<number>,
): Acknowledged {
  const moved = new Map<number, number>();
  let missing = 0;
  for (const { slot, position } of events) {
    if (partitions.has(partitionOf(slot))) moved.set(slot, position);
    else missing += 1;
  }
  return { moved, missing };
}
