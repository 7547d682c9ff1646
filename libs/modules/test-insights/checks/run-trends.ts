import { type CountedTest, contributionOf, withAttempt } from '../domain/counted-test.ts';
import { TrendDeltas } from '../domain/trend-deltas.ts';
import { busyMinutes, newMinutes } from '../domain/worker-minutes.ts';
import type { AttemptSeen } from '../read-models/attempts-of-batch.ts';

/** What one run adds to the buckets of its project, folded in memory by the rules of the projection. */
export class RunTrends {
  readonly deltas = new TrendDeltas();
  private readonly tests = new Map<string, CountedTest>();
  /** Worker and hour → the minutes in which it was busy. */
  private readonly workers = new Map<string, bigint>();

  /** In the order of the log. */
  add(seen: AttemptSeen): void {
    this.countTest(seen);
    this.countWorker(seen);
  }

  private countTest({ projectId, testKey, at, finished }: AttemptSeen): void {
    if (finished === undefined) return;
    const before = this.tests.get(testKey);
    const after = withAttempt(before, finished);
    this.tests.set(testKey, after);
    this.deltas.attempt(projectId, at);
    this.deltas.correct(projectId, contributionOf(before), contributionOf(after));
  }

  private countWorker({ projectId, workerKey, at, finished }: AttemptSeen): void {
    for (const [hour, minutes] of busyMinutes(at, finished?.durationMs ?? 0)) {
      const key = `${workerKey}/${hour}`;
      const before = this.workers.get(key) ?? 0n;
      if (before === 0n) this.deltas.worker(projectId, hour, 'hour');
      for (const minute of newMinutes(hour, before, minutes)) this.deltas.worker(projectId, minute, 'minute');
      this.workers.set(key, before | minutes);
    }
  }
}
