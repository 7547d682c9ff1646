import type { TestRow } from '@testcast/contracts';
import { expect, it } from 'vitest';
import { RunningTests, shardKey } from './running-tests.ts';

function row(testKey: string, shardId: string, startedAt: number, running = true): TestRow {
  const open = { shardId, rerun: 1, attempt: 1, startedAt };
  const attempts = [running ? open : { ...open, status: 'passed' as const }];
  return {
    testKey,
    testId: testKey,
    variant: '',
    title: testKey,
    suite: [],
    outcome: 'pending',
    running,
    attempts,
    version: 1,
  };
}

it('knows what each shard runs, the longest first, and forgets what has finished', () => {
  const tests = new RunningTests();
  for (const each of [row('b', 'one', 20), row('a', 'one', 10), row('c', 'two', 5)]) tests.update(each);
  const one = shardKey({ shardId: 'one', rerun: 1 });
  expect(
    tests
      .byShard()
      .get(one)
      ?.map(({ testKey }) => testKey),
  ).toEqual(['a', 'b']);
  tests.update(row('a', 'one', 10, false));
  expect(
    tests
      .byShard()
      .get(one)
      ?.map(({ testKey }) => testKey),
  ).toEqual(['b']);
  tests.clear();
  expect(tests.byShard().size).toBe(0);
});
