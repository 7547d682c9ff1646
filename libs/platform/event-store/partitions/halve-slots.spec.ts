import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halveSlots, type WeighedSlot } from './halve-slots.ts';

const slot = (number: number, rate: number, rows = 0): WeighedSlot => ({ slot: number, rate, rows });
const anySlots = fc
  .array(fc.record({ rate: fc.nat(1_000), rows: fc.nat(100_000) }), { minLength: 2, maxLength: 20 })
  .map((slots) => slots.map((content, index) => ({ slot: index * 3, ...content })));

describe('half of the slots of a partition', () => {
  it('is half of its load, not of its number', () => {
    expect(halveSlots([slot(1, 900, 9), slot(2, 300), slot(3, 300), slot(4, 300)])).toEqual([2, 3, 4]);
  });

  it('is half of its rows when nothing comes to it', () => {
    expect(halveSlots([slot(1, 0, 10), slot(2, 0, 500), slot(3, 0, 480)])).toEqual([1, 3]);
  });

  it('is half of its slots when it is empty', () => {
    expect(halveSlots([1, 2, 3, 4].map((number) => slot(number, 0)))).toHaveLength(2);
  });

  it('is the side with fewer rows to move', () => {
    expect(halveSlots([slot(1, 500, 1_000_000), slot(2, 500, 10)])).toEqual([2]);
  });

  it('is nothing for one slot, which cannot be parted', () => {
    expect(halveSlots([slot(7, 1_000)])).toEqual([]);
    expect(halveSlots([])).toEqual([]);
  });

  it('is never all of them, and no further from the middle than the heaviest slot', () => {
    fc.assert(
      fc.property(anySlots, (slots) => {
        const leaving = new Set(halveSlots(slots));
        expect(leaving.size).toBeGreaterThan(0);
        expect(leaving.size).toBeLessThan(slots.length);
        const rate = (some: readonly WeighedSlot[]): number => some.reduce((sum, one) => sum + one.rate, 0);
        const apart = Math.abs(rate(slots) - 2 * rate(slots.filter((one) => leaving.has(one.slot))));
        // Rows have a hundredth of the say.
        const heaviest = Math.max(...slots.map((one) => one.rate));
        expect(apart).toBeLessThanOrEqual(heaviest + 0.03 * rate(slots));
      }),
    );
  });
});
