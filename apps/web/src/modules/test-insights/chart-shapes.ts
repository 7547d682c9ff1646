import { type Bucket, type TrendOutcome, trendOutcomes } from './trend-figures.ts';

export interface StackPart {
  readonly outcome: TrendOutcome;
  readonly y: number;
  readonly height: number;
}

/** A single failure among thousands must still be seen. */
const leastHeight = 2;

/** The parts of a bar from the bottom up, in a chart of `height` in which `most` results fill it. */
export function stackOf(bucket: Bucket, most: number, height: number): StackPart[] {
  let y = height;
  return trendOutcomes.flatMap((outcome) => {
    if (bucket[outcome] === 0) return [];
    const part = Math.max(leastHeight, (bucket[outcome] * height) / most);
    // Where small parts were made larger, the last one gives way.
    const bounded = Math.min(part, y);
    y -= bounded;
    return [{ outcome, y, height: bounded }];
  });
}

interface Scale {
  readonly low: number;
  readonly high: number;
  readonly height: number;
}

type Values = readonly (number | undefined)[];

/** A line through the middles of the buckets, from `low` at the bottom to `high` at the top; broken where there is no value. */
export function lineOf(values: Values, scale: Scale): string {
  return values
    .map((value, n) =>
      value === undefined ? '' : `${values[n - 1] === undefined ? 'M' : 'L'}${place(n, value, scale)}`,
    )
    .join('');
}

/** What stands alone and no line shows, as lines of no length, which round ends make points. */
export function pointsOf(values: Values, scale: Scale): string {
  return values
    .map((value, n) => {
      if (value === undefined || values[n - 1] !== undefined || values[n + 1] !== undefined) return '';
      const at = place(n, value, scale);
      return `M${at}L${at}`;
    })
    .join('');
}

function place(n: number, value: number, { low, high, height }: Scale): string {
  return `${n + 0.5} ${(height * (1 - (value - low) / (high - low || 1))).toFixed(2)}`;
}

/** The lower end of an axis of shares: a multiple of 10 % below all of them, so that small dents are seen. */
export function lowestShare(shares: readonly (number | undefined)[]): number {
  const least = Math.min(...shares.filter((share) => share !== undefined), 0.9);
  return Math.floor(least * 10) / 10;
}

/** Indexes of `count` buckets that get a label: at most `most`, evenly apart. */
export function labelled(count: number, most: number): number[] {
  const step = Math.max(1, Math.ceil(count / most));
  return Array.from({ length: Math.ceil(count / step) }, (_, n) => n * step);
}
