import type { Trends } from '@testcast/contracts';
import { describe, expect, it } from 'vitest';
import { bucketsOf, describeBucket, formatBucket, formatShare, sumOf } from './trend-figures.ts';

const day = Date.UTC(2026, 4, 20);
const trends: Trends = {
  step: 'day',
  from: day,
  to: day + 3 * 86_400_000,
  at: [day, day + 86_400_000, day + 2 * 86_400_000],
  results: [10, 0, 5],
  passed: [7, 0, 0],
  failed: [1, 0, 0],
  flaky: [1, 0, 0],
  skipped: [1, 0, 5],
  attempts: [11, 0, 5],
  attemptsPerMinute: [1, 0, 1],
  workers: [2, 0, 1],
  p50Ms: [120, null, null],
  p95Ms: [1500, null, null],
  percentileError: 0.05,
};

describe('the figures of a trend', () => {
  it('take flaky tests for passed in the pass rate, leave skipped ones out, and have none where nothing ran', () => {
    expect(bucketsOf(trends).map(({ passRate }) => passRate)).toEqual([8 / 9, undefined, undefined]);
    expect(sumOf(bucketsOf(trends))).toEqual({
      results: 15,
      passed: 7,
      failed: 1,
      flaky: 1,
      skipped: 6,
      passRate: 8 / 9,
    });
  });

  it.each([
    [1, '100 %'],
    [0.99999, '99.9 %'],
    [0.9754, '97.5 %'],
    [0.0001, '0.1 %'],
    [0, '0 %'],
    [undefined, '–'],
  ])('say %s as %s', (share, text) => expect(formatShare(share)).toBe(text));

  it('are told in a sentence', () => {
    const [first, second, third] = bucketsOf(trends);
    expect(describeBucket(first!, 'day')).toBe(
      'May 20, 2026: 10 results, 7 passed, 1 failed, 1 flaky, 1 skipped; pass rate 88.9 %; ' +
        'half took up to 120 ms, 95 % up to 1.5s',
    );
    expect(describeBucket(second!, 'day')).toBe('May 21, 2026: no results');
    expect(describeBucket(third!, 'day')).toBe('May 22, 2026: 5 results, 5 skipped; pass rate –');
  });

  it('stand under the day of UTC that they are of', () => expect(formatBucket(day, 'day')).toBe('May 20, 2026'));
});
