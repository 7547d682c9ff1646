import type { Trends, TrendStep } from '@testcast/contracts';
import { formatCount, plural } from '../../format/count.ts';
import { formatDuration } from '../../format/duration.ts';

/** Outcomes as they stand on each other, the worst at the bottom, where a small one is still seen. */
export const trendOutcomes = ['failed', 'flaky', 'passed', 'skipped'] as const;
export type TrendOutcome = (typeof trendOutcomes)[number];

export interface Bucket extends Readonly<Record<TrendOutcome, number>> {
  /** Its beginning, epoch milliseconds. */
  readonly at: number;
  readonly results: number;
  /** Share of the tests that ran which passed in the end, flaky ones included; undefined where none ran. */
  readonly passRate: number | undefined;
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
}

export function bucketsOf({ at, results, p50Ms, p95Ms, ...columns }: Trends): Bucket[] {
  return at.map((start, n) => {
    const counts = {
      failed: columns.failed[n]!,
      flaky: columns.flaky[n]!,
      passed: columns.passed[n]!,
      skipped: columns.skipped[n]!,
    };
    return {
      at: start,
      results: results[n]!,
      ...counts,
      passRate: passRateOf(counts),
      p50Ms: p50Ms[n] ?? undefined,
      p95Ms: p95Ms[n] ?? undefined,
    };
  });
}

/** All buckets together. Percentiles do not add up, so there are none. */
export function sumOf(buckets: readonly Bucket[]): Omit<Bucket, 'at' | 'p50Ms' | 'p95Ms'> {
  const sum = (of: TrendOutcome | 'results'): number => buckets.reduce((total, bucket) => total + bucket[of], 0);
  const counts = { failed: sum('failed'), flaky: sum('flaky'), passed: sum('passed'), skipped: sum('skipped') };
  return { results: sum('results'), ...counts, passRate: passRateOf(counts) };
}

function passRateOf({ failed, flaky, passed }: Record<Exclude<TrendOutcome, 'skipped'>, number>): number | undefined {
  const ran = failed + flaky + passed;
  return ran === 0 ? undefined : (passed + flaky) / ran;
}

/** `97.5 %`; never 100 % while something failed, nor 0 % while something passed. */
export function formatShare(share: number | undefined): string {
  if (share === undefined) return '–';
  const tenths = Math.round(share * 1000) / 10;
  const honest = share < 1 ? Math.min(tenths, 99.9) : tenths;
  return `${share > 0 ? Math.max(honest, 0.1) : honest} %`;
}

export function formatMaybeDuration(ms: number | undefined): string {
  return ms === undefined ? '–' : formatDuration(ms);
}

// Days are those of UTC: shown in the reader's own time zone they would begin in the middle of another.
const dayFormat = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const hourFormat = new Intl.DateTimeFormat('en', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

export function formatBucket(at: number, step: TrendStep): string {
  return (step === 'day' ? dayFormat : hourFormat).format(at);
}

/** A bucket in a sentence: what the charts show to who sees them. */
export function describeBucket(bucket: Bucket, step: TrendStep): string {
  const when = formatBucket(bucket.at, step);
  if (bucket.results === 0) return `${when}: no results`;
  const counts = (['passed', 'failed', 'flaky', 'skipped'] as const)
    .filter((outcome) => bucket[outcome] > 0)
    .map((outcome) => `${formatCount(bucket[outcome])} ${outcome}`)
    .join(', ');
  const took =
    bucket.p50Ms === undefined || bucket.p95Ms === undefined
      ? ''
      : `; half took up to ${formatDuration(bucket.p50Ms)}, 95 % up to ${formatDuration(bucket.p95Ms)}`;
  return `${when}: ${plural(bucket.results, 'result')}, ${counts}; pass rate ${formatShare(bucket.passRate)}${took}`;
}
