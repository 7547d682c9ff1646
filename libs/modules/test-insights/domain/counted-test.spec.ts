import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AttemptStatus, type TestRow, attemptStatuses, decidingAttempt, foldTest } from '@testcast/contracts';
import { type CountedTest, type FinishedAttempt, contributionOf, outcomeOfTest, withAttempt } from './counted-test.ts';
import { TrendDeltas, counters } from './trend-deltas.ts';

const noon = 1_795_521_600_000;
const minute = 60_000;
type Told = [status: AttemptStatus, attempt: number, minutes: number, rerun?: number];
const attemptOf = ([status, attempt, minutes, rerun = 1]: Told): FinishedAttempt => ({
  rerun,
  attempt,
  status,
  durationMs: 100 * attempt,
  at: noon + minutes * minute,
});

/** What the minutes are after these attempts: minute after noon → the counters that are not zero. */
function minutesAfter(attempts: readonly Told[]): Record<number, object> {
  const deltas = new TrendDeltas();
  let test: CountedTest | undefined;
  for (const attempt of attempts.map(attemptOf)) {
    const after = withAttempt(test, attempt);
    deltas.correct('shop', contributionOf(test), contributionOf(after));
    test = after;
  }
  return Object.fromEntries(
    deltas.of('minute').map(({ at, counts, durations }) => [
      (at - noon) / minute,
      {
        ...Object.fromEntries(counters.filter((name) => counts[name] !== 0).map((name) => [name, counts[name]])),
        timed: [...durations.values()].reduce((sum, n) => sum + n, 0),
      },
    ]),
  );
}

describe('a test counts', () => {
  it.each<[string, Told[], Record<number, object>]>([
    ['once, when it passed', [['passed', 1, 0]], { 0: { results: 1, passed: 1, timed: 1 } }],
    ['as failed when it timed out', [['timedOut', 1, 3]], { 3: { results: 1, failed: 1, timed: 1 } }],
    ['without a duration when it was skipped', [['skipped', 1, 0]], { 0: { results: 1, skipped: 1, timed: 0 } }],
    ['not at all when it was cut off', [['interrupted', 1, 0]], {}],
    [
      'as flaky where it failed at first, when a retry passes',
      [
        ['failed', 1, 0],
        ['passed', 2, 9],
      ],
      { 0: { results: 1, flaky: 1, timed: 1 } },
    ],
    [
      'as failed where it passed at first, when a late rerun fails',
      [
        ['passed', 1, 0],
        ['failed', 1, 500, 2],
      ],
      { 0: { results: 1, failed: 1, timed: 1 } },
    ],
    [
      'as flaky when the failure of its first attempt comes after the second passed',
      [
        ['passed', 2, 4],
        ['failed', 1, 1],
      ],
      { 4: { results: 1, flaky: 1, timed: 1 } },
    ],
    [
      'where it first had an outcome, not where it was cut off',
      [
        ['interrupted', 1, 0],
        ['passed', 2, 2],
      ],
      { 2: { results: 1, flaky: 1, timed: 1 } },
    ],
    [
      'no longer, when it passed and its rerun was cut off',
      [
        ['passed', 1, 0],
        ['interrupted', 1, 5, 2],
      ],
      {},
    ],
    [
      'as passed when the other shard skipped it',
      [
        ['skipped', 1, 0],
        ['passed', 1, 1],
      ],
      { 0: { results: 1, passed: 1, timed: 1 } },
    ],
  ])('%s', (_, attempts, expected) => expect(minutesAfter(attempts)).toEqual(expected));

  it('under the outcome that the run shows, and with the duration of the attempt that decides', () => {
    const told = fc.tuple(fc.constantFrom(...attemptStatuses), fc.nat({ max: 3 }), fc.nat(60), fc.constantFrom(1, 2));
    fc.assert(
      fc.property(fc.array(told, { minLength: 1, maxLength: 12 }), (all) => {
        const attempts = all.map(([status, attempt, at, rerun]) => attemptOf([status, attempt + 1, at, rerun]));
        const test = attempts.reduce<CountedTest | undefined>(withAttempt, undefined)!;
        expect(outcomeOfTest(test)).toBe(rowOf(attempts).outcome);
        expect(test.durationMs).toBe(decidingAttempt(attempts)!.durationMs);
      }),
      { numRuns: 300 },
    );
  });
});

/** The test's row in its run, by the fold that the run goes by. */
function rowOf(attempts: readonly FinishedAttempt[]): TestRow {
  const of = { testId: 'a', testKey: 'a'.repeat(16), variant: '', shardId: '' };
  return attempts.reduce<TestRow | undefined>(
    (row, { at, ...data }, n) => foldTest(row, { type: 'test.finished', at, offset: n + 1, data: { ...of, ...data } }),
    undefined,
  )!;
}
