import { expect, it } from 'vitest';
import { busyMinutes, newMinutes } from './worker-minutes.ts';

const noon = 1_795_521_600_000;
const minute = 60_000;
const hour = 60 * minute;
const minutesOf = (at: number, durationMs: number): number[] =>
  [...busyMinutes(at, durationMs)]
    .flatMap(([start, bits]) => newMinutes(start, 0n, bits))
    .map((m) => (m - noon) / minute);

it.each([
  ['the minute of an attempt that took none', noon + 5 * minute, 0, [5]],
  ['both minutes of one that ran over the full minute', noon + 5 * minute + 10, 20, [4, 5]],
  ['minutes of two hours', noon + minute, 3 * minute, [-2, -1, 0, 1]],
  ['the last hour of one that hung a day', noon, 24 * hour, Array.from({ length: 61 }, (_, n) => n - 60)],
])('a worker was busy in %s', (_, at, durationMs, expected) => {
  expect(minutesOf(at, durationMs)).toEqual(expected);
});

it('what was known is not new', () => {
  expect(newMinutes(noon, 0b101n, 0b111n | (1n << 59n))).toEqual([noon + minute, noon + 59 * minute]);
  expect(newMinutes(noon, 0b111n, 0b101n)).toEqual([]);
});
