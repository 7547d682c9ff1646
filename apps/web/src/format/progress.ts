import type { RunCounts } from '@testcast/contracts';
import { formatCount, plural } from './count.ts';

export interface Progress {
  /** Tests with an outcome. */
  readonly received: number;
  /** Tests that are known of: announced, or seen. */
  readonly total: number;
  /** Whether somebody said how many tests there would be. */
  readonly announced: boolean;
  readonly label: string;
}

export function progressOf(counts: RunCounts, expected: number | undefined): Progress {
  const received = counts.tests - counts.pending;
  const announced = expected !== undefined && expected > 0;
  const total = Math.max(expected ?? 0, counts.tests);
  const label = announced
    ? `${formatCount(received)} of ${plural(total, 'test')}`
    : received < total
      ? `${formatCount(received)} of ${plural(total, 'known test')}`
      : plural(received, 'test');
  return { received, total, announced, label };
}

/** Below so many results the rate says nothing yet. */
const fewest = 10;

/**
 * Milliseconds until the rest has arrived at the rate so far; undefined where nobody said how much is coming, where too
 * little has come to tell, or where nothing is left.
 */
export function timeLeft(progress: Progress, elapsedMs: number): number | undefined {
  const { received, total, announced } = progress;
  if (!announced || received < fewest || received >= total || elapsedMs <= 0) return undefined;
  return ((total - received) * elapsedMs) / received;
}
