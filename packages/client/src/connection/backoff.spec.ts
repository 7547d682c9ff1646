import { expect, it } from 'vitest';
import { Backoff } from './backoff.ts';

/** Always the whole bound. */
const longest = { random: () => 1 };
const waits = (backoff: Backoff, count: number) => Array.from({ length: count }, () => backoff.next());

it('waits at most 1.5 s for the first half minute, then up to 20 s', () => {
  const backoff = new Backoff(longest);
  const all = waits(backoff, 30);
  expect(all.slice(0, 4)).toEqual([500, 1000, 1500, 1500]);
  const early = all.slice(0, 21);
  expect(Math.max(...early)).toBe(1500);
  expect(early.reduce((sum, ms) => sum + ms, 0)).toBe(30_000);
  expect(all.slice(21, 27)).toEqual([2000, 4000, 8000, 16_000, 20_000, 20_000]);
});

it('begins anew after a reset', () => {
  const backoff = new Backoff(longest);
  waits(backoff, 30);
  backoff.reset();
  expect(backoff.next()).toBe(500);
});

it('waits on top of what the server asked for', () => {
  const backoff = new Backoff({ random: () => 0.5 });
  expect(backoff.next(3000)).toBe(3250);
});

it('never goes beyond a cap of its own', () => {
  expect(Math.max(...waits(new Backoff({ ...longest, baseMs: 10, capMs: 20 }), 5000))).toBe(20);
});
