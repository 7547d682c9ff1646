export interface WeighedSlot {
  readonly slot: number;
  /** Appends a second. */
  readonly rate: number;
  readonly rows: number;
}

/**
 * The slots that leave a partition which is split: as near half of its load as whole slots come, the heaviest given out
 * first, each to the lighter side (LPT: Graham, 1969). Rows count where nothing is being appended, and a little else. Of
 * the two sides the one with fewer rows goes, since those have to be moved.
 *
 * @returns at least one slot and not all of them, ascending; none for a partition of one slot
 */
export function halveSlots(slots: readonly WeighedSlot[]): number[] {
  if (slots.length < 2) return [];
  const total = { rate: sum(slots, 'rate'), rows: sum(slots, 'rows') };
  const share = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);
  // The last term spreads slots that nothing has come to.
  const weightOf = ({ rate, rows }: WeighedSlot): number =>
    share(rate, total.rate) + 0.01 * share(rows, total.rows) + 0.0001 / slots.length;
  const sides: [WeighedSlot[], WeighedSlot[]] = [[], []];
  const weights: [number, number] = [0, 0];
  const byWeight = slots.toSorted((a, b) => weightOf(b) - weightOf(a) || a.slot - b.slot);
  for (const slot of byWeight) {
    const lighter = weights[0] <= weights[1] ? 0 : 1;
    sides[lighter].push(slot);
    weights[lighter] += weightOf(slot);
  }
  const leaving = sum(sides[0], 'rows') < sum(sides[1], 'rows') ? sides[0] : sides[1];
  return leaving.map(({ slot }) => slot).sort((a, b) => a - b);
}

function sum(slots: readonly WeighedSlot[], what: 'rate' | 'rows'): number {
  return slots.reduce((total, slot) => total + slot[what], 0);
}
