import { type TrendStep, trendSteps } from '@testcast/contracts';
import { bucketStart } from '../domain/buckets.ts';
import { type Counter, counters, type TrendDelta, type TrendDeltas } from '../domain/trend-deltas.ts';

/** A bucket in the form in which those that are kept are read: its histogram as `bucket:count` of what is not 0. */
export type Bucket = Record<Counter, number> & { readonly durations: string };

export const nothing: Bucket = {
  results: 0,
  passed: 0,
  failed: 0,
  flaky: 0,
  skipped: 0,
  attempts: 0,
  workers: 0,
  durations: '',
};

/** Epoch milliseconds before which buckets are not kept any more. */
export type KeptSince = Readonly<Record<TrendStep, number>>;

/** The buckets of a project as its runs add up to them; of those that are not kept any more, none. */
export class MadeBuckets {
  private readonly steps: Record<TrendStep, Map<number, TrendDelta>> = {
    minute: new Map(),
    hour: new Map(),
    day: new Map(),
  };

  constructor(private readonly since: KeptSince) {}

  add(deltas: TrendDeltas): void {
    for (const step of trendSteps) {
      for (const delta of deltas.of(step)) if (delta.at >= this.since[step]) this.addTo(this.steps[step], delta);
    }
  }

  /** By the beginning of the bucket; those in which nothing is left are not in it. */
  of(step: TrendStep): Map<number, Bucket> {
    const buckets = [...this.steps[step]].map(([at, { counts, durations }]) => {
      const histogram = [...durations].filter(([, count]) => count !== 0).sort(([a], [b]) => a - b);
      return [at, { ...counts, durations: histogram.map((pair) => pair.join(':')).join(' ') }] as const;
    });
    const made = new Map<number, Bucket>(buckets);
    if (step === 'day')
      for (const [at, workers] of this.workersOfDays()) made.set(at, { ...(made.get(at) ?? nothing), workers });
    for (const [at, bucket] of made) if (counters.every((counter) => bucket[counter] === 0)) made.delete(at);
    return made;
  }

  /** The most that one of its hours has had. */
  private workersOfDays(): Map<number, number> {
    const most = new Map<number, number>();
    for (const { at, counts } of this.steps.hour.values()) {
      const day = bucketStart(at, 'day');
      most.set(day, Math.max(most.get(day) ?? 0, counts.workers));
    }
    return most;
  }

  private addTo(buckets: Map<number, TrendDelta>, delta: TrendDelta): void {
    const known = buckets.get(delta.at);
    if (known === undefined) {
      buckets.set(delta.at, delta);
      return;
    }
    for (const counter of counters) known.counts[counter] += delta.counts[counter];
    for (const [bucket, count] of delta.durations) {
      known.durations.set(bucket, (known.durations.get(bucket) ?? 0) + count);
    }
  }
}
