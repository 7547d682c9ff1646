import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketCount, bucketOf, longestDurationMs, percentile, percentileError } from './duration-histogram.ts';

function histogramOf(durations: readonly number[]): number[] {
  const counts = Array.from({ length: bucketCount }, () => 0);
  for (const duration of durations) counts[bucketOf(duration)]! += 1;
  return counts;
}

/** The percentile by its definition, from the durations themselves. */
function exactly(durations: readonly number[], share: number): number {
  const sorted = [...durations].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1]!;
}

// Of all magnitudes alike: most of the buckets are for less than a second.
const duration = fc
  .double({ min: 0, max: Math.log(longestDurationMs + 1), noNaN: true })
  .map((log) => Math.min(Math.floor(Math.exp(log) - 1), Math.floor(longestDurationMs)));

describe('durations in buckets', () => {
  it('give each percentile with an error of 5 % at most', () => {
    fc.assert(
      fc.property(fc.array(duration, { minLength: 1, maxLength: 300 }), fc.constantFrom(0.5, 0.95), (all, share) => {
        const exact = exactly(all, share);
        const found = percentile(histogramOf(all), share)!;
        expect(Math.abs(found - exact)).toBeLessThanOrEqual(exact * percentileError + 1e-9);
      }),
      { numRuns: 500 },
    );
  });

  it('add up to the buckets of all durations together, and come apart again', () => {
    fc.assert(
      fc.property(fc.array(duration), fc.array(duration), (some, others) => {
        const both = histogramOf([...some, ...others]);
        const of = histogramOf(others);
        expect(both.map((count, bucket) => count - of[bucket]!)).toEqual(histogramOf(some));
      }),
    );
  });

  it.each([
    [0, 0],
    [0.4, 0],
    [1, 1],
    [2, 8],
    [longestDurationMs * 0.999, bucketCount - 2],
    [longestDurationMs * 2, bucketCount - 1],
    [1e12, bucketCount - 1],
  ])('%d ms are in bucket %i', (ms, bucket) => expect(bucketOf(ms)).toBe(bucket));

  it('have no percentile while nothing was counted, and a percentile of 0 where all took none', () => {
    expect(percentile([], 0.5)).toBeNull();
    expect(percentile(histogramOf([]), 0.95)).toBeNull();
    expect(percentile(histogramOf([0, 0]), 0.95)).toBe(0);
  });

  it('say of durations beyond the last bucket that they are about as long as it begins', () => {
    expect(percentile(histogramOf([1e12]), 0.5)! / longestDurationMs).toBeCloseTo(1.05, 1);
  });
});
