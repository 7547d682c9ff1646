import { slotCount } from '#platform/event-store';

/**
 * Slots by turns: those that were served last come last. A read that takes events of many slots within bounds gives to the first
 * ones first, so without turns the same few would be read for as long as they go on receiving.
 */
export class SlotTurns {
  private readonly order = new Set(Array.from({ length: slotCount }, (_, slot) => slot));

  /** Slots whose heads are ahead of their positions, and after which position: in the order in which they are to be read. */
  behind(heads: readonly number[], positionOf: (slot: number) => number | undefined): Map<number, number> {
    const behind = new Map<number, number>();
    for (const slot of this.order) {
      const position = positionOf(slot);
      if (position !== undefined && heads[slot]! > position) behind.set(slot, position);
    }
    return behind;
  }

  served(slots: Iterable<number>): void {
    for (const slot of slots) {
      this.order.delete(slot);
      this.order.add(slot);
    }
  }
}
