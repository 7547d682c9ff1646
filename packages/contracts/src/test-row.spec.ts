import { describe, expect, it } from 'vitest';
import { type TestEvent, foldTest, maxAttempts } from './test-row.ts';
import type { AttemptStatus } from './statuses.ts';
import type { TestRow } from './read-models.ts';

const test = { testId: 'a.spec.ts::cart > adds', variant: '', testKey: 'k'.repeat(16), shardId: '', rerun: 1 };

function finished(
  offset: number,
  status: AttemptStatus,
  at: Partial<{ attempt: number; rerun: number; shardId: string }> = {},
): TestEvent {
  const error = status === 'failed' ? { error: { message: `failed at ${offset}` } } : {};
  return {
    type: 'test.finished',
    at: offset,
    offset,
    data: { ...test, attempt: 1, durationMs: 5, status, ...error, ...at },
  };
}
const fold = (...events: TestEvent[]): TestRow =>
  events.reduce<TestRow | undefined>((row, event) => foldTest(row, event), undefined)!;

describe('the outcome of a test by the rank of its attempts', () => {
  it.each<[string, TestEvent[], string]>([
    ['passed at once', [finished(1, 'passed')], 'passed'],
    ['failed at once', [finished(1, 'failed')], 'failed'],
    ['timed out', [finished(1, 'timedOut')], 'failed'],
    ['skipped', [finished(1, 'skipped')], 'skipped'],
    ['interrupted has no verdict', [finished(1, 'interrupted')], 'pending'],
    [
      'interrupted after a failure does not hide it',
      [finished(1, 'failed'), finished(2, 'interrupted', { attempt: 2 })],
      'failed',
    ],
    ['passed on retry', [finished(1, 'failed'), finished(2, 'passed', { attempt: 2 })], 'flaky'],
    ['passed on retry, told out of order', [finished(1, 'passed', { attempt: 2 }), finished(2, 'failed')], 'flaky'],
    ['failed on every attempt', [finished(1, 'failed'), finished(2, 'failed', { attempt: 2 })], 'failed'],
    ['failed in a rerun after it passed', [finished(1, 'passed'), finished(2, 'failed', { rerun: 2 })], 'failed'],
    ['passed in a rerun', [finished(1, 'failed', { attempt: 3 }), finished(2, 'passed', { rerun: 2 })], 'flaky'],
    [
      'two shards disagree on one attempt',
      [finished(1, 'passed', { shardId: 'a' }), finished(2, 'failed', { shardId: 'b' })],
      'failed',
    ],
    [
      'a shard that did not select the test',
      [finished(1, 'passed', { shardId: 'a' }), finished(2, 'skipped', { shardId: 'b' })],
      'passed',
    ],
    ['skipped first, passed in the rerun', [finished(1, 'skipped'), finished(2, 'passed', { rerun: 2 })], 'passed'],
  ])('%s', (_, events, outcome) => {
    expect(fold(...events).outcome).toBe(outcome);
  });
});

it('keeps the worse of two reports of one attempt', () => {
  expect(fold(finished(1, 'failed'), finished(2, 'passed')).outcome).toBe('failed');
  expect(fold(finished(1, 'passed'), finished(2, 'failed')).outcome).toBe('failed');
});

it('takes a start that comes after its finish for what it is', () => {
  const row = fold(finished(1, 'passed'), {
    type: 'test.started',
    at: 0,
    offset: 2,
    data: { ...test, attempt: 1, worker: 'w1' },
  });
  expect(row).toMatchObject({
    outcome: 'passed',
    running: false,
    version: 2,
    attempts: [{ status: 'passed', startedAt: 0, worker: 'w1' }],
  });
});

it('keeps the planned title when a result comes without one', () => {
  const row = fold(
    { type: 'test.planned', at: 1, offset: 1, data: { ...test, title: 'Adds an item' } },
    finished(2, 'passed'),
  );
  expect(row.title).toBe('Adds an item');
  expect(fold(finished(1, 'passed')).title).toBe('adds');
});

it('waits no longer for an attempt whose worker died once a later one has finished', () => {
  const started = (offset: number, attempt: number): TestEvent => ({
    type: 'test.started',
    at: 0,
    offset,
    data: { ...test, attempt },
  });
  expect(fold(started(1, 1)).running).toBe(true);
  expect(fold(started(1, 1), finished(2, 'passed', { attempt: 2 })).running).toBe(false);
  expect(fold(started(1, 1), finished(2, 'passed', { rerun: 2 })).running).toBe(false);
  expect(fold(finished(1, 'failed'), started(2, 2)).running).toBe(true);
});

describe('a test with more attempts than a row shows', () => {
  const many = (status: (attempt: number) => AttemptStatus) =>
    fold(...Array.from({ length: maxAttempts + 20 }, (_, at) => finished(at + 1, status(at + 1), { attempt: at + 1 })));

  it('says how many are left out, and keeps the one that decides', () => {
    const row = many(() => 'passed');
    expect(row).toMatchObject({ outcome: 'passed', attemptsLeftOut: 20 });
    expect(row.attempts).toHaveLength(maxAttempts);
    expect(row.attempts.at(-1)!.attempt).toBe(maxAttempts + 20);
  });

  it('is flaky for a failure or an interruption long ago', () => {
    expect(many((attempt) => (attempt === 3 ? 'failed' : 'passed')).outcome).toBe('flaky');
    expect(many((attempt) => (attempt === 3 ? 'interrupted' : 'passed')).outcome).toBe('flaky');
  });

  it('stays failed when the first of many shards has failed', () => {
    const shards = Array.from({ length: maxAttempts + 20 }, (_, at) =>
      finished(at + 1, at === 0 ? 'failed' : 'passed', { shardId: `s${at}` }),
    );
    expect(fold(...shards)).toMatchObject({ outcome: 'failed', attemptsLeftOut: 20 });
  });
});

describe('a skip in a later rerun', () => {
  // Tools that run a part of a suite report the rest of it as skipped, and so does the rerun of one job of many.
  it.each<[string, TestEvent[], string]>([
    ['does not hide a failure', [finished(1, 'failed'), finished(2, 'skipped', { rerun: 2, shardId: 'b' })], 'failed'],
    ['nor that the test passed', [finished(1, 'passed'), finished(2, 'skipped', { rerun: 2 })], 'passed'],
    ['nor a failure in the attempt before', [finished(1, 'failed'), finished(2, 'skipped', { attempt: 2 })], 'failed'],
    ['nor that nobody knows', [finished(1, 'interrupted'), finished(2, 'skipped', { rerun: 2 })], 'pending'],
    ['decides where nothing ran', [finished(1, 'skipped'), finished(2, 'skipped', { rerun: 2 })], 'skipped'],
  ])('%s', (_, events, outcome) => {
    expect(fold(...events).outcome).toBe(outcome);
    expect(fold(...events.toReversed().map((event, at) => ({ ...event, offset: at + 1 }))).outcome).toBe(outcome);
  });
});
