import { expect, it } from 'vitest';
import { FlushPace, nextGap, ownWork } from './flush-pace.ts';

it('writes at once while the loop has time', () => {
  const pace = new FlushPace(() => 0.6);
  expect([0, 100, 200, 1000].map((later) => pace.gapMs(performance.now() + later))).toEqual([0, 0, 0, 0]);
});

it('merges more while the loop is too busy, up to 120 ms, and less once it is idle, down to none', () => {
  let gap = 0;
  const gaps = [1, 1, 1, 1, 1, 1, 1, 1, 1].map((busy) => (gap = nextGap(gap, busy)));
  expect(gaps.map(Math.round)).toEqual([8, 12, 18, 27, 41, 61, 91, 120, 120]);
  for (let sample = 0; sample < 11; sample++) gap = nextGap(gap, 0.3);
  expect(gap).toBe(0);
});

it('comes to rest where the loop is well used, instead of swinging', () => {
  // 400 frames/s of 100 sockets each at 11 µs: more than the loop has, unless rooms are merged.
  const utilizationAt = (gapMs: number) => Math.min(1, 0.2 + (400 * 100 * 11e-6) / Math.max(1, (gapMs / 1000) * 20));
  let gap = 0;
  for (let sample = 0; sample < 30; sample++) gap = nextGap(gap, utilizationAt(gap));
  const rest = gap;
  for (let sample = 0; sample < 30; sample++) {
    gap = nextGap(gap, utilizationAt(gap));
    expect(gap).toBe(rest);
  }
});

it('looks at the loop once a sample', () => {
  let looks = 0;
  const pace = new FlushPace(() => {
    looks += 1;
    return 1;
  }, 100);
  const start = performance.now();
  for (let ms = 0; ms < 1000; ms += 10) pace.gapMs(start + ms + 1);
  expect(looks).toBeLessThanOrEqual(10);
});

it('takes a loop that waits for a core for what it works itself, unless it is never idle', () => {
  expect(ownWork(0.95, 0.2)).toBe(0.2);
  expect(ownWork(0.3, 0.9)).toBe(0.3);
  expect(ownWork(0.9, 1.3)).toBe(0.9);
  expect(ownWork(0.99, 0.4)).toBe(0.99);
});
