import { expect, it } from 'vitest';
import { bucketCount, bucketOf } from '../domain/duration-histogram.ts';
import { trendAnswer } from './trend-answer.ts';
import { pointsOf, since, wholeBuckets } from './trend-window.ts';

const noon = Date.UTC(2026, 10, 24, 12);
const minute = 60_000;

it('a window has all buckets of which it has a part', () => {
  expect(wholeBuckets(noon + 1, noon + 2 * minute, 'minute')).toMatchObject({ from: noon, to: noon + 2 * minute });
  expect(wholeBuckets(noon, noon + 1, 'day')).toMatchObject({
    from: Date.UTC(2026, 10, 24),
    to: Date.UTC(2026, 10, 25),
  });
  expect(pointsOf(wholeBuckets(noon, noon + 90 * minute, 'hour'))).toBe(2);
});

it('a window begins where there are whole buckets, and is empty when there are none', () => {
  const window = wholeBuckets(noon, noon + 5 * minute, 'minute');
  expect(since(noon - minute, window)).toEqual(window);
  expect(since(noon + minute + 1, window)).toMatchObject({ from: noon + 2 * minute });
  expect(pointsOf(since(noon + 60 * minute, window))).toBe(0);
});

it('gives an entry to every bucket, with zeros and without percentiles where nothing happened', () => {
  const durations = Array.from({ length: bucketCount }, () => 0);
  durations[bucketOf(1000)] = 3;
  durations[bucketOf(60_000)] = 1;
  const counts = { results: 5, passed: 3, failed: 1, flaky: 0, skipped: 1, attempts: 7, workers: 2 };
  const row = { at: noon + minute, ...counts, durations: `{${durations.join(',')}}` };
  const answer = trendAnswer(wholeBuckets(noon, noon + 3 * minute, 'minute'), [row], noon + 90_000);
  expect(answer).toMatchObject({
    step: 'minute',
    at: [noon, noon + minute, noon + 2 * minute],
    results: [0, 5, 0],
    failed: [0, 1, 0],
    attempts: [0, 7, 0],
    attemptsPerMinute: [0, 7, 0],
    workers: [0, 2, 0],
    percentileError: 0.05,
  });
  expect(answer.p50Ms[0]).toBeNull();
  expect(Math.abs(answer.p50Ms[1]! - 1000)).toBeLessThanOrEqual(50);
  expect(Math.abs(answer.p95Ms[1]! - 60_000)).toBeLessThanOrEqual(3000);
});

it('divides attempts by the minutes that have passed of a bucket that is not over', () => {
  const counts = { results: 60, passed: 60, failed: 0, flaky: 0, skipped: 0, attempts: 60, workers: 1 };
  const row = { at: noon, ...counts, durations: '{0}' };
  const window = wholeBuckets(noon, noon + 1, 'hour');
  expect(trendAnswer(window, [row], noon + 20 * minute).attemptsPerMinute).toEqual([3]);
  expect(trendAnswer(window, [row], noon + 400 * minute).attemptsPerMinute).toEqual([1]);
});
