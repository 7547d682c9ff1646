import { slotCount } from './event-store.ts';
import { HashRing } from './hash-ring.ts';

/** Tables that the log begins with. */
export const partitionCount = 32;

/** Where the ring of these partitions has each slot: `placement[slot]` is a partition. */
export function ringPlacement(partitions: readonly number[]): number[] {
  const ring = new HashRing(partitions);
  return Array.from({ length: slotCount }, (_, slot) => ring.memberOf(`slot:${slot}`));
}

/** Where each slot is at first. From then on the map in `slots` rules. */
export function initialPlacement(): number[] {
  return ringPlacement(Array.from({ length: partitionCount }, (_, partition) => partition));
}
