import { describe, expect, it } from 'vitest';
import type { AttemptStatus, ClaimedStatus, RunEvent, RunStatus } from '@testcast/contracts';
import { testKeyOf } from '#platform/kernel';
import { toRunSummary } from './run-summary.ts';
import { summaryOf } from './summary.ts';

type Facts = readonly RunEvent[];
type Of = { attempt?: number; rerun?: number; shardId?: string; willRetry?: boolean };

const begun: RunEvent = { type: 'run.started', at: 100, data: { projectId: 'shop', runId: 'r1', implicit: false } };
const told = (data: { expectedTests?: number; name?: string }): RunEvent => ({ type: 'run.described', at: 100, data });
const ofTest = (testId: string) => ({ testId, testKey: testKeyOf(testId, ''), variant: '', shardId: '', rerun: 1 });
const planned = (testId: string): RunEvent => ({ type: 'test.planned', at: 110, data: ofTest(testId) });
const started = (testId: string, of: Of = {}): RunEvent => ({
  type: 'test.started',
  at: 120,
  data: { ...ofTest(testId), attempt: 1, ...of },
});
const done = (testId: string, status: AttemptStatus, of: Of = {}): RunEvent => ({
  type: 'test.finished',
  at: 130,
  data: { ...ofTest(testId), attempt: 1, durationMs: 3, status, ...of },
});
const passed = (testId: string, of?: Of) => done(testId, 'passed', of);
const failed = (testId: string, of?: Of) => done(testId, 'failed', of);
const up = (shardId: string, more: { total?: number; rerun?: number; expectedTests?: number } = {}): RunEvent => ({
  type: 'shard.started',
  at: 105,
  data: { shardId, variant: '', rerun: 1, ...more },
});
const down = (shardId: string, rerun = 1): RunEvent => ({ type: 'shard.finished', at: 140, data: { shardId, rerun } });
const ended = (status?: ClaimedStatus): RunEvent => ({ type: 'run.finished', at: 200, data: { status } });
const cancelled: RunEvent = { type: 'run.cancelled', at: 200, data: {} };
const interrupted: RunEvent = { type: 'run.interrupted', at: 200, data: { reason: 'quiet' } };
const reopened: RunEvent = { type: 'run.reopened', at: 300, data: { reason: 'rerun', rerun: 2 } };

function fold(facts: Facts) {
  const events = facts.map((fact, at) => ({ ...fact, offset: at + 1, recordedAt: 1000 + at }));
  const { state, rows } = summaryOf('shop', 'r1', events);
  return { summary: toRunSummary(state), rows };
}

describe('the status of a run', () => {
  it.each<[string, Facts, RunStatus]>([
    ['runs until it ends', [begun, passed('a')], 'running'],
    ['is passed when all of its tests are', [begun, passed('a'), ended()], 'passed'],
    ['is passed with a test that was flaky', [begun, failed('a'), passed('a', { attempt: 2 }), ended()], 'passed'],
    ['is passed when every test was skipped', [begun, done('a', 'skipped'), ended()], 'passed'],
    ['is failed when one of its tests is', [begun, passed('a'), failed('b'), ended()], 'failed'],
    ['is failed when the promised retry never came', [begun, failed('a', { willRetry: true }), ended()], 'failed'],
    ['is failed when the sender says so', [begun, passed('a'), ended('failed')], 'failed'],
    ['is failed whatever else the sender says', [begun, failed('a'), ended('passed')], 'failed'],
    [
      'is failed and not interrupted when both would do',
      [begun, failed('a'), planned('b'), ended('interrupted')],
      'failed',
    ],
    ['is interrupted when the sender says so', [begun, passed('a'), ended('interrupted')], 'interrupted'],
    ['is interrupted without a test', [begun, ended('passed')], 'interrupted'],
    [
      'is interrupted when a planned test has not run',
      [begun, passed('a'), planned('b'), ended('passed')],
      'interrupted',
    ],
    ['is interrupted when a test is open', [begun, passed('a'), started('b'), ended()], 'interrupted'],
    ['is interrupted when an attempt was', [begun, done('a', 'interrupted'), ended()], 'interrupted'],
    [
      'is interrupted when fewer tests came than expected',
      [begun, told({ expectedTests: 2 }), passed('a'), ended('passed')],
      'interrupted',
    ],
    [
      'is passed when more tests came than expected',
      [begun, told({ expectedTests: 1 }), passed('a'), passed('b'), ended()],
      'passed',
    ],
    ['is interrupted when a shard is open', [begun, up('s'), passed('a'), ended()], 'interrupted'],
    [
      'is interrupted when a shard never came',
      [begun, up('s', { total: 2 }), passed('a'), down('s'), ended()],
      'interrupted',
    ],
    [
      'is interrupted when a shard reported fewer tests than it expected',
      [
        begun,
        up('s', { expectedTests: 2 }),
        passed('a', { shardId: 's' }),
        passed('b', { shardId: 't' }),
        down('s'),
        ended(),
      ],
      'interrupted',
    ],
    [
      'is passed when each shard reported what it expected',
      [
        begun,
        up('s', { expectedTests: 1 }),
        passed('a', { shardId: 's' }),
        passed('b', { shardId: 't' }),
        down('s'),
        ended(),
      ],
      'passed',
    ],
    ['is interrupted when it fell silent', [begun, passed('a'), interrupted], 'interrupted'],
    ['is failed by a late failure', [begun, passed('a'), ended('passed'), failed('b')], 'failed'],
    ['is failed by a late failure after it fell silent', [begun, interrupted, failed('b')], 'failed'],
    ['is passed once what was missing has come late', [begun, planned('a'), ended(), passed('a')], 'passed'],
    [
      'stays interrupted after it fell silent, whatever comes late',
      [begun, started('a'), interrupted, passed('a')],
      'interrupted',
    ],
    [
      'is passed when its sender ends it after it fell silent',
      [begun, started('a'), interrupted, passed('a'), ended()],
      'passed',
    ],
    ['stays cancelled', [begun, passed('a'), cancelled], 'cancelled'],
    ['stays cancelled with failures, before and after', [begun, failed('a'), cancelled, failed('b')], 'cancelled'],
    ['runs again once it is opened again', [begun, failed('a'), ended('failed'), reopened], 'running'],
    [
      'is passed when the rerun mended it',
      [begun, failed('a'), ended('failed'), reopened, passed('a', { rerun: 2 }), ended()],
      'passed',
    ],
    [
      'is passed when the rerun came instead of a shard that died',
      [
        begun,
        up('s'),
        interrupted,
        reopened,
        up('s', { rerun: 2 }),
        passed('a', { rerun: 2, shardId: 's' }),
        down('s', 2),
        ended(),
      ],
      'passed',
    ],
    [
      'is passed when a later attempt came instead of one that died',
      [begun, started('a'), passed('a', { attempt: 2 }), ended()],
      'passed',
    ],
  ])('%s', (_, facts, status) => {
    expect(fold(facts).summary.status).toBe(status);
  });
});

describe('a running run is failing', () => {
  it.each<[string, Facts, boolean]>([
    ['once a test has failed', [begun, failed('a')], true],
    ['not while a retry is promised', [begun, failed('a', { willRetry: true })], false],
    ['not while the retry runs', [begun, failed('a'), started('a', { attempt: 2 })], false],
    ['not once the retry has passed', [begun, failed('a'), passed('a', { attempt: 2 })], false],
    [
      'once the last retry has failed',
      [begun, failed('a', { willRetry: true }), failed('a', { attempt: 2, willRetry: false })],
      true,
    ],
    ['not after it has ended', [begun, failed('a'), ended()], false],
  ])('%s', (_, facts, failing) => {
    expect(fold(facts).summary.failing).toBe(failing);
  });
});

describe('the summary', () => {
  it('counts each test once, under its outcome, and its attempts', () => {
    const { summary } = fold([
      begun,
      planned('p'),
      passed('a'),
      failed('b'),
      failed('c'),
      passed('c', { attempt: 2 }),
      done('d', 'skipped'),
    ]);
    expect(summary.counts).toEqual({ tests: 5, passed: 1, failed: 1, flaky: 1, skipped: 1, pending: 1, attempts: 5 });
  });

  it('reflects everything up to its version', () => {
    const { summary } = fold([begun, told({ name: 'nightly' }), up('s'), passed('a'), down('s'), ended()]);
    expect(summary).toMatchObject({
      name: 'nightly',
      startedAt: 100,
      finishedAt: 200,
      durationMs: 100,
      version: 6,
      lastEventAt: 1005,
      complete: true,
    });
    expect(summary.shards).toEqual([
      { shardId: 's', rerun: 1, variant: '', status: 'finished', startedAt: 105, finishedAt: 140 },
    ]);
  });

  it('is complete when everything that was announced has come, however it ended', () => {
    expect(fold([begun, passed('a'), cancelled]).summary.complete).toBe(true);
    expect(fold([begun, planned('b'), failed('a'), ended()]).summary.complete).toBe(false);
    expect(fold([begun, passed('a')]).summary.complete).toBe(false);
  });

  it('expects what the run says, else what its shards say together', () => {
    expect(fold([begun, up('s', { expectedTests: 3 }), up('t', { expectedTests: 4 })]).summary.expectedTests).toBe(7);
    expect(
      fold([begun, up('s', { expectedTests: 3 }), up('s', { rerun: 2, expectedTests: 1 })]).summary.expectedTests,
    ).toBe(3);
    expect(fold([begun, told({ expectedTests: 9 }), up('s', { expectedTests: 3 })]).summary.expectedTests).toBe(9);
    expect(fold([begun]).summary).not.toHaveProperty('expectedTests');
  });

  it('takes shards named like members of objects for what they are', () => {
    const facts = ['__proto__', 'constructor'].flatMap((shardId) => [
      up(shardId, { expectedTests: 1 }),
      passed(shardId, { shardId }),
      down(shardId),
    ]);
    expect(fold([begun, ...facts, ended()]).summary.status).toBe('passed');
  });
});

it('marks attempts that came after the end as late, and those after it was opened again not', () => {
  const { rows } = fold([begun, passed('a'), ended(), passed('b'), reopened, passed('c')]);
  expect([...rows.values()].map(({ testId, attempts }) => [testId, attempts[0]!.late])).toEqual([
    ['a', undefined],
    ['b', true],
    ['c', undefined],
  ]);
});
