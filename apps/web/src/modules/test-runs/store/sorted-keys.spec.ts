import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SortedKeys } from './sorted-keys.ts';

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

it('are in order, each once, however they came: one by one or a page at a time', () => {
  const keys = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { maxLength: 300 });
  fc.assert(
    fc.property(keys, fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1 }), (all, sizes) => {
      const sorted = new SortedKeys(compare);
      for (let at = 0, page = 0; at < all.length; page += 1) {
        const size = sizes[page % sizes.length]!;
        sorted.insert(all.slice(at, at + size));
        at += size;
      }
      expect(sorted.all).toEqual([...all].sort(compare));
      for (const key of all) expect(sorted.at(sorted.indexOf(key))).toBe(key);
    }),
  );
});
