import type { Trends, TrendStep } from '@testcast/contracts';
import { stepMs } from '../domain/buckets.ts';
import { percentile, percentileError } from '../domain/duration-histogram.ts';
import type { Counter } from '../domain/trend-deltas.ts';
import { type TrendWindow, pointsOf } from './trend-window.ts';

/** A row of the views `trend_minutes`, `trend_hours` and `trend_days`, as `selectTrend` reads it. */
export interface TrendRow extends Record<Counter, number> {
  /** Epoch milliseconds. */
  readonly at: number;
  /** The text of an array: `{0,0,3,…}`. */
  readonly durations: string;
}

/** Rows as columns; buckets without a row have zeros. @param now epoch milliseconds: the last bucket may not be over */
export function trendAnswer(window: TrendWindow, rows: readonly TrendRow[], now: number): Trends {
  const { step, from, to } = window;
  const byTime = new Map(rows.map((row) => [row.at, row]));
  const at = Array.from({ length: pointsOf(window) }, (_, n) => from + n * stepMs[step]);
  const column = (counter: Counter): number[] => at.map((start) => byTime.get(start)?.[counter] ?? 0);
  const histograms = at.map((start) => countsOf(byTime.get(start)));
  const attempts = column('attempts');
  return {
    step,
    from,
    to,
    at,
    results: column('results'),
    passed: column('passed'),
    failed: column('failed'),
    flaky: column('flaky'),
    skipped: column('skipped'),
    attempts,
    attemptsPerMinute: attempts.map((count, n) => tenths(count / minutesPassed(at[n]!, step, now))),
    workers: column('workers'),
    p50Ms: histograms.map((counts) => tenths(percentile(counts, 0.5))),
    p95Ms: histograms.map((counts) => tenths(percentile(counts, 0.95))),
    percentileError,
  };
}

function countsOf(row: TrendRow | undefined): number[] {
  return row === undefined ? [] : row.durations.slice(1, -1).split(',').map(Number);
}

function minutesPassed(start: number, step: TrendStep, now: number): number {
  const passed = Math.min(Math.max(now - start, 0), stepMs[step]) / stepMs.minute;
  return Math.max(1, Math.ceil(passed));
}

function tenths(value: number): number;
function tenths(value: number | null): number | null;
function tenths(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10;
}
