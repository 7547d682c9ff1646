import type { RunSummary, ShardSummary } from '@testcast/contracts';
import { expect, it } from 'vitest';
import { missingFrom } from './missing.ts';

const shard = (shardId: string, status: ShardSummary['status'], total?: number): ShardSummary => ({
  shardId,
  rerun: 1,
  variant: '',
  status,
  total,
  startedAt: 1,
});

function run(part: Partial<RunSummary>): RunSummary {
  const counts = { tests: 10, passed: 8, failed: 0, flaky: 0, skipped: 0, pending: 2, attempts: 8 };
  return {
    projectId: 'p',
    runId: 'r',
    status: 'interrupted',
    failing: false,
    implicit: false,
    counts,
    complete: false,
    shards: [],
    startedAt: 1,
    lastEventAt: 1,
    version: 1,
    ...part,
  };
}

it('says what an interrupted run lacks', () => {
  const shards = [shard('a', 'finished', 4), shard('b', 'running', 4)];
  expect(missingFrom(run({ expectedTests: 40, shards }))).toBe(
    'The run was interrupted: 30 expected tests never came, 2 tests never finished, ' +
      'shard b never ended, 2 shards never began.',
  );
});

it('says that nothing was reported at all', () => {
  const counts = { tests: 0, passed: 0, failed: 0, flaky: 0, skipped: 0, pending: 0, attempts: 0 };
  expect(missingFrom(run({ status: 'failed', counts }))).toBe('The run ended incomplete: no test was reported.');
});

it('is silent about a run that is complete, or that still runs', () => {
  expect(missingFrom(run({ status: 'passed', complete: true }))).toBeUndefined();
  expect(missingFrom(run({ status: 'running' }))).toBeUndefined();
});
