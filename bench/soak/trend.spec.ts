import { expect, it } from 'vitest';
import { trendOf } from './trend.ts';

const saw = (x: number): number => 100 + 10 * (x % 5);
const points = (count: number, y: (x: number) => number) => Array.from({ length: count }, (_, x) => ({ x, y: y(x) }));

it('calls memory flat that goes up and down with collections of garbage', () => {
  const { flat, scatter } = trendOf(points(100, saw));
  expect(flat).toBe(true);
  expect(scatter).toBeGreaterThan(10);
});

it('sees a leak through the same saw', () => {
  const { flat, slope, rise } = trendOf(points(100, (x) => saw(x) + 0.5 * x));
  expect(flat).toBe(false);
  expect(slope).toBeCloseTo(0.5, 1);
  expect(rise).toBeCloseTo(99 * slope);
});

it('does not take a rise of less than a fiftieth for a leak, however straight', () => {
  expect(trendOf(points(100, (x) => 1_000 + 0.1 * x)).flat).toBe(true);
  expect(trendOf(points(100, (x) => 1_000 + 0.3 * x)).flat).toBe(false);
});

it('calls memory flat that is given back', () => {
  expect(trendOf(points(50, (x) => 1_000 - 5 * x)).flat).toBe(true);
});
