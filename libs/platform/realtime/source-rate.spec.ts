import { expect, it } from 'vitest';
import { SourceRate } from './source-rate.ts';

it('lets a burst through, then as many as the rate says', () => {
  const rate = new SourceRate({ perSecond: 10, burst: 2 });
  expect([rate.take('a', 0), rate.take('a', 0)]).toEqual([0, 0]);
  expect(rate.take('a', 0)).toBe(100);
  expect(rate.take('a', 99)).toBeGreaterThan(0);
  expect(rate.take('a', 200)).toBe(0);
});

it('counts each source for itself', () => {
  const rate = new SourceRate({ perSecond: 1, burst: 1 });
  expect(rate.take('a', 0)).toBe(0);
  expect(rate.take('b', 0)).toBe(0);
  expect(rate.take('a', 0)).toBe(1000);
});

it('forgets the source that was unused for longest when there are too many', () => {
  const rate = new SourceRate({ perSecond: 1, burst: 1 }, 2);
  rate.take('a', 0);
  rate.take('b', 0);
  rate.take('a', 1);
  rate.take('c', 2);
  expect(rate.take('a', 3)).toBeGreaterThan(0);
  expect(rate.take('b', 3)).toBe(0);
});
