import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rowHeight, rowWindow } from './row-window.ts';

it('holds every row of the screen, and hardly more than that, however many there are', () => {
  const any = { count: fc.nat(200_000), at: fc.nat(200_000), screen: fc.integer({ min: 100, max: 3000 }) };
  fc.assert(
    fc.property(fc.record(any), ({ count, at, screen }) => {
      const top = Math.min(at, Math.max(0, count - 1));
      const { first, end } = rowWindow(top, screen, count);
      const seen = Math.ceil(screen / rowHeight) + 1;
      expect(first).toBeLessThanOrEqual(top);
      expect(end).toBe(Math.min(count, Math.max(end, top + seen)));
      expect(end - first).toBeLessThanOrEqual(seen + 60);
    }),
  );
});
