import { describe, expect, it } from 'vitest';
import { plural } from './count.ts';
import { formatDuration, formatElapsed } from './duration.ts';
import { formatRelative } from './time.ts';

describe('a duration', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [999.6, '1.0s'],
    [1234, '1.2s'],
    [9949, '9.9s'],
    [9950, '10s'],
    [59_499, '59s'],
    [59_500, '1m 00s'],
    [84_000, '1m 24s'],
    [3_599_600, '1h 00m'],
    [7_500_000, '2h 05m'],
    [273_600_000, '3d 4h'],
    [-5, '0 ms'],
  ])('of %d ms reads %s', (ms, text) => expect(formatDuration(ms)).toBe(text));
});

it.each([
  [0, '0s'],
  [9_999, '9s'],
  [59_999, '59s'],
  [60_000, '1m 00s'],
])('a clock at %d ms shows %s, and never a second that is not over', (ms, text) => {
  expect(formatElapsed(ms)).toBe(text);
});

describe('a time', () => {
  const now = Date.UTC(2026, 4, 20, 12);
  it.each([
    [now - 59_000, 'just now'],
    [now + 3_000, 'just now'],
    [now + 30_000, 'in a moment'],
    [now - 60_000, '1 min ago'],
    [now - 7_199_000, '1 h ago'],
    [now - 86_400_000, '1 day ago'],
    [now + 600_000, 'in 10 min'],
  ])('is told from now', (at, text) => expect(formatRelative(at, now)).toBe(text));

  it('of another month is a date', () => expect(formatRelative(now - 40 * 86_400_000, now)).toMatch(/2026/));
});

it('counts one thing in the singular', () => {
  expect(plural(1, 'test')).toBe('1 test');
  expect(plural(1204, 'test')).toBe('1,204 tests');
});
