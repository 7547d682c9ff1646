import { type AttemptStatus, type Outcome, decidingAttempt, outcomeOf } from '@testcast/contracts';

export interface FinishedAttempt {
  readonly rerun: number;
  readonly attempt: number;
  readonly status: AttemptStatus;
  readonly durationMs: number;
  /** Epoch milliseconds, by `timeOf`. */
  readonly at: number;
}

/** What has to be kept of a test's attempts so that its outcome can be told after the next one. */
export interface CountedTest {
  /** The attempt that decides. */
  readonly rerun: number;
  readonly attempt: number;
  readonly status: AttemptStatus;
  readonly durationMs: number;
  /** Some attempt failed or timed out. */
  readonly failed: boolean;
  readonly interrupted: boolean;
  /** Epoch milliseconds: when the test first had an outcome, which is where it counts for ever; absent before. */
  readonly countedAt?: number | undefined;
}

/** What a test adds to its bucket. */
export interface Contribution {
  readonly at: number;
  readonly outcome: Exclude<Outcome, 'pending'>;
  /** Of a test that ran. */
  readonly durationMs?: number | undefined;
}

/** A test after one more of its attempts, in the order of the log. */
export function withAttempt(known: CountedTest | undefined, attempt: FinishedAttempt): CountedTest {
  const { at, ...next } = attempt;
  const deciding = known === undefined ? next : decidingAttempt([decision(known), next])!;
  const test: CountedTest = {
    ...deciding,
    failed: known?.failed === true || next.status === 'failed' || next.status === 'timedOut',
    interrupted: known?.interrupted === true || next.status === 'interrupted',
  };
  const countedAt = known?.countedAt ?? (outcomeOfTest(test) === 'pending' ? undefined : at);
  return countedAt === undefined ? test : { ...test, countedAt };
}

function decision({ rerun, attempt, status, durationMs }: CountedTest) {
  return { rerun, attempt, status, durationMs };
}

/** The outcome by the rule that runs go by; ranks below all others stand for the attempts that are not kept. */
export function outcomeOfTest({ rerun, attempt, status, failed, interrupted }: CountedTest): Outcome {
  return outcomeOf([
    { rerun, attempt, status },
    ...(failed ? [{ rerun: 0, attempt: 0, status: 'failed' as const }] : []),
    ...(interrupted ? [{ rerun: 0, attempt: 0, status: 'interrupted' as const }] : []),
  ]);
}

/** What the test counts as at present; undefined while it has no outcome. */
export function contributionOf(test: CountedTest | undefined): Contribution | undefined {
  if (test?.countedAt === undefined) return undefined;
  const outcome = outcomeOfTest(test);
  // Passed before, and cut off in a rerun: nothing is known of it any more.
  if (outcome === 'pending') return undefined;
  if (outcome === 'skipped') return { at: test.countedAt, outcome };
  return { at: test.countedAt, outcome, durationMs: test.durationMs };
}
