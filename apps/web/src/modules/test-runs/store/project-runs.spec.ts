import type { RunSummary } from '@testcast/contracts';
import { describe, expect, it } from 'vitest';
import { matchesFilter, mergeRuns } from './project-runs.ts';

function run(runId: string, part: Partial<RunSummary> = {}): RunSummary {
  const counts = { tests: 0, passed: 0, failed: 0, flaky: 0, skipped: 0, pending: 0, attempts: 0 };
  return {
    projectId: 'shop',
    runId,
    status: 'passed',
    failing: false,
    implicit: false,
    counts,
    complete: true,
    shards: [],
    startedAt: 1,
    lastEventAt: 1,
    version: 1,
    ...part,
  };
}
const ids = (runs: readonly RunSummary[]): string[] => runs.map(({ runId }) => runId);
const window = (...runs: RunSummary[]): Map<string, RunSummary> => new Map(runs.map((each) => [each.runId, each]));

describe('the runs of a project', () => {
  it('stand with the running ones first, then the newest', () => {
    const live = window(
      run('old', { startedAt: 1 }),
      run('new', { startedAt: 3 }),
      run('now', { startedAt: 2, status: 'running' }),
    );
    expect(ids(mergeRuns(live, [], {}))).toEqual(['now', 'new', 'old']);
  });

  it('are shown once, as they were last heard of', () => {
    const live = window(run('a', { version: 5, status: 'failed' }));
    expect(mergeRuns(live, [run('a', { version: 3 })], {})).toEqual([run('a', { version: 5, status: 'failed' })]);
    expect(mergeRuns(live, [run('a', { version: 9 })], {})[0]?.version).toBe(9);
  });

  it('leave a list of failed runs when they no longer are', () => {
    const live = window(run('a', { version: 5, status: 'running' }));
    expect(mergeRuns(live, [run('a', { status: 'failed' })], { status: 'failed' })).toEqual([]);
  });

  it('stay found when the server found them by something that only it looks at', () => {
    const live = window(run('a', { version: 5 }));
    expect(ids(mergeRuns(live, [run('a')], { q: 'somewhere in its environment' }))).toEqual(['a']);
  });
});

it('finds a run by branch, commit, tag, pull request and name, in either case', () => {
  const one = run('r-1', {
    name: 'Nightly',
    branch: 'main',
    commit: 'abc123',
    tags: ['slow'],
    pullRequest: { number: 7 },
  });
  for (const q of ['night', 'MAIN', 'abc', 'slow', '#7', 'r-1']) expect(matchesFilter(one, { q })).toBe(true);
  expect(matchesFilter(one, { q: 'weekly' })).toBe(false);
  expect(matchesFilter(one, { branch: 'mai' })).toBe(false);
  expect(matchesFilter(one, { status: 'failed' })).toBe(false);
});
