import fc from 'fast-check';
import { expect, it } from 'vitest';
import { naturalOrder } from './natural-order.ts';

it('counts as people do', () => {
  const names = ['step 10', 'step 2', 'step 1', 'Step 3', 'step', 'step 2 b', 'v1.10', 'v1.9'];
  expect(names.sort(naturalOrder)).toEqual([
    'Step 3',
    'step',
    'step 1',
    'step 2',
    'step 2 b',
    'step 10',
    'v1.9',
    'v1.10',
  ]);
});

it('is one order of all texts, in which only the same text is equal', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '0', '1', '9', ' ', '~'), maxLength: 8 });
  fc.assert(
    fc.property(text, text, text, (a, b, c) => {
      expect(Math.sign(naturalOrder(a, b))).toBe(-Math.sign(naturalOrder(b, a)) + 0);
      expect(naturalOrder(a, b) === 0).toBe(a === b);
      const [first, second, third] = [a, b, c].sort(naturalOrder) as [string, string, string];
      expect(naturalOrder(first, second)).toBeLessThanOrEqual(0);
      expect(naturalOrder(second, third)).toBeLessThanOrEqual(0);
      expect(naturalOrder(first, third)).toBeLessThanOrEqual(0);
    }),
  );
});
