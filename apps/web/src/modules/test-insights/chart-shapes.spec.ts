import { describe, expect, it } from 'vitest';
import { labelled, lineOf, lowestShare, pointsOf, stackOf } from './chart-shapes.ts';
import type { Bucket } from './trend-figures.ts';

const bucket = (part: Partial<Bucket>) => ({ failed: 0, flaky: 0, passed: 0, skipped: 0, ...part }) as Bucket;

describe('a bar', () => {
  it('has its outcomes on each other, the failed ones at the bottom', () => {
    expect(stackOf(bucket({ passed: 60, failed: 20 }), 100, 100)).toEqual([
      { outcome: 'failed', y: 80, height: 20 },
      { outcome: 'passed', y: 20, height: 60 },
    ]);
  });

  it('shows a single failure among thousands, and still ends with the chart', () => {
    const parts = stackOf(bucket({ failed: 1, flaky: 1, passed: 9_998 }), 10_000, 100);
    expect(parts.map(({ height }) => height)).toEqual([2, 2, 96]);
  });
});

describe('a line', () => {
  it('is broken where there is no value, and a value alone is a point', () => {
    const [values, scale] = [[0, 1, undefined, 0.5], { low: 0, high: 1, height: 100 }];
    expect(lineOf(values, scale)).toBe('M0.5 100.00L1.5 0.00M3.5 50.00');
    expect(pointsOf(values, scale)).toBe('M3.5 50.00L3.5 50.00');
  });

  it('of shares begins at the ten percent below the least', () => {
    expect(lowestShare([0.97, undefined, 0.84])).toBe(0.8);
    expect(lowestShare([])).toBe(0.9);
  });
});

it('labels are even, and few', () => {
  expect(labelled(30, 6)).toEqual([0, 5, 10, 15, 20, 25]);
  expect(labelled(3, 6)).toEqual([0, 1, 2]);
});
