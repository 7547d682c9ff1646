import type { AttemptStatus, Outcome } from './statuses.ts';

/** What the outcome of a test depends on: the finished attempts, in any order. */
export interface RankedAttempt {
  rerun: number;
  attempt: number;
  status?: AttemptStatus | undefined;
}

// Of two shards that ran the same attempt the worse one counts. `skipped` stands below `passed`: tools that split a
// suite report the other shards' tests as skipped, and such a report must not hide that the test ran.
const severity: Record<AttemptStatus, number> = { failed: 4, timedOut: 3, interrupted: 2, passed: 1, skipped: 0 };

/**
 * The attempt that decides: highest (rerun, attempt), the worst among equals. Running attempts have no say, and skipped
 * ones only where none ran: the rerun of one job of many skips the tests of the others, and must not hide their failures.
 */
export function decidingAttempt<A extends RankedAttempt>(attempts: readonly A[]): A | undefined {
  let ran: A | undefined;
  let skipped: A | undefined;
  for (const candidate of attempts) {
    if (candidate.status === undefined) continue;
    if (candidate.status === 'skipped') {
      if (skipped === undefined || outranks(candidate, skipped)) skipped = candidate;
    } else if (ran === undefined || outranks(candidate, ran)) ran = candidate;
  }
  return ran ?? skipped;
}

/** Whether `a` decides rather than `b`; both have finished. */
export function outranks(a: RankedAttempt, b: RankedAttempt): boolean {
  if (a.rerun !== b.rerun) return a.rerun > b.rerun;
  if (a.attempt !== b.attempt) return a.attempt > b.attempt;
  return severity[a.status!] > severity[b.status!];
}

/**
 * Outcome of a test by the rank of its attempts. An attempt that was interrupted gives no verdict: the test stays
 * `pending`, unless an attempt before it failed, which must not be hidden by the cut.
 */
export function outcomeOf(attempts: readonly RankedAttempt[]): Outcome {
  const last = decidingAttempt(attempts);
  if (last === undefined) return 'pending';
  const failedOnce = attempts.some(({ status }) => status === 'failed' || status === 'timedOut');
  switch (last.status) {
    case 'passed':
      return failedOnce || attempts.some(({ status }) => status === 'interrupted') ? 'flaky' : 'passed';
    case 'skipped':
      return 'skipped';
    case 'interrupted':
      return failedOnce ? 'failed' : 'pending';
    default:
      return 'failed';
  }
}
