import { slotCount } from './event-store.ts';
import { HashRing } from './hash-ring.ts';

/** Tables that the log begins with. */
export const partitionCount = 32;

/** Where each slot is at first: `placement[slot]` is a partition. From then on the map in `slots` rules. */
export function initialPlacement(): number[] {
  const ring = new HashRing(Array.from({ length: partitionCount }, (_, partition) => partition));
  return Array.from({ length: slotCount }, (_, slot) => ring.memberOf(`slot:${slot}`));
}
