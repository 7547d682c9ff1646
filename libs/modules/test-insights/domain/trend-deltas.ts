import { type TrendStep, trendSteps } from '@testcast/contracts';
import { bucketStart } from './buckets.ts';
import type { Contribution } from './counted-test.ts';
import { bucketOf } from './duration-histogram.ts';

/** The columns of a bucket that only ever change by being added to. */
export const counters = ['results', 'passed', 'failed', 'flaky', 'skipped', 'attempts', 'workers'] as const;
export type Counter = (typeof counters)[number];

/** By how much a bucket changes. */
export interface TrendDelta {
  readonly projectId: string;
  /** Beginning of the bucket, epoch milliseconds. */
  readonly at: number;
  readonly counts: Record<Counter, number>;
  /** Bucket of the histogram → by how much. */
  readonly durations: Map<number, number>;
}

/** What a batch of events changes in the roll-ups: sums, so that the order in which batches are applied does not matter. */
export class TrendDeltas {
  private readonly steps: Record<TrendStep, Map<string, TrendDelta>> = {
    minute: new Map(),
    hour: new Map(),
    day: new Map(),
  };

  /**
   * @param settled of projects the moment (epoch milliseconds, a midnight of UTC) before which buckets have these changes
   *   already: nothing is added to them
   */
  constructor(private readonly settled: ReadonlyMap<string, number> = new Map()) {}

  /** A test counts as `after` from now on, and no longer as `before`. */
  correct(projectId: string, before: Contribution | undefined, after: Contribution | undefined): void {
    if (before !== undefined) this.contribute(projectId, before, -1);
    if (after !== undefined) this.contribute(projectId, after, 1);
  }

  attempt(projectId: string, at: number): void {
    if (this.isSettled(projectId, at)) return;
    for (const step of trendSteps) this.delta(projectId, at, step).counts.attempts += 1;
  }

  worker(projectId: string, at: number, step: 'minute' | 'hour'): void {
    if (!this.isSettled(projectId, at)) this.delta(projectId, at, step).counts.workers += 1;
  }

  /** @param workers as many as one of its hours has had; the most counts */
  workersOfDay(projectId: string, at: number, workers: number): void {
    const { counts } = this.delta(projectId, at, 'day');
    counts.workers = Math.max(counts.workers, workers);
  }

  /** The changes of one step that change anything, by project and time: all batches lock their rows in this order. */
  of(step: TrendStep): TrendDelta[] {
    return [...this.steps[step].values()]
      .filter(
        ({ counts, durations }) =>
          counters.some((counter) => counts[counter] !== 0) || [...durations.values()].some((n) => n !== 0),
      )
      .sort((a, b) => (a.projectId < b.projectId ? -1 : Number(a.projectId > b.projectId)) || a.at - b.at);
  }

  private contribute(projectId: string, { at, outcome, durationMs }: Contribution, sign: 1 | -1): void {
    if (this.isSettled(projectId, at)) return;
    for (const step of trendSteps) {
      const { counts, durations } = this.delta(projectId, at, step);
      counts.results += sign;
      counts[outcome] += sign;
      if (durationMs === undefined) continue;
      const bucket = bucketOf(durationMs);
      durations.set(bucket, (durations.get(bucket) ?? 0) + sign);
    }
  }

  private isSettled(projectId: string, at: number): boolean {
    return at < (this.settled.get(projectId) ?? 0);
  }

  private delta(projectId: string, at: number, step: TrendStep): TrendDelta {
    const start = bucketStart(at, step);
    const key = `${projectId}/${start}`;
    let delta = this.steps[step].get(key);
    if (delta === undefined) {
      const counts = { results: 0, passed: 0, failed: 0, flaky: 0, skipped: 0, attempts: 0, workers: 0 };
      delta = { projectId, at: start, counts, durations: new Map() };
      this.steps[step].set(key, delta);
    }
    return delta;
  }
}
