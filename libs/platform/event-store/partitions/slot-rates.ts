import type { SlotRow } from './slot-map.sql.ts';

/** Appends a second of each slot between two samples of the heads; 0 for samples of one moment. */
export function slotRates(before: readonly SlotRow[], after: readonly SlotRow[]): Map<number, number> {
  const earlier = new Map(before.map((row) => [row.slot, row]));
  return new Map(
    after.map((row) => {
      const from = earlier.get(row.slot) ?? row;
      const seconds = (row.at - from.at) / 1000;
      return [row.slot, seconds > 0 ? (Number(row.position) - Number(from.position)) / seconds : 0];
    }),
  );
}
