import type { RunCounts } from '@testcast/contracts';
import { expect, it } from 'vitest';
import { progressOf, timeLeft } from './progress.ts';

function counts(passed: number, pending = 0): RunCounts {
  return { tests: passed + pending, passed, failed: 0, flaky: 0, skipped: 0, pending, attempts: passed };
}

it('counts against what was announced, and never against less than was seen', () => {
  expect(progressOf(counts(30, 5), 100)).toMatchObject({ received: 30, total: 100, label: '30 of 100 tests' });
  expect(progressOf(counts(120), 100)).toMatchObject({ received: 120, total: 120 });
});

it('claims no total where nobody announced one', () => {
  expect(progressOf(counts(30), undefined)).toMatchObject({ announced: false, label: '30 tests' });
  expect(progressOf(counts(30, 5), undefined)).toMatchObject({ announced: false, label: '30 of 35 known tests' });
});

it('tells the time left from the rate so far', () => {
  expect(timeLeft(progressOf(counts(25), 100), 10_000)).toBe(30_000);
});

it('tells no time left that it cannot know', () => {
  expect(timeLeft(progressOf(counts(25), undefined), 10_000)).toBeUndefined();
  expect(timeLeft(progressOf(counts(9), 100), 10_000)).toBeUndefined();
  expect(timeLeft(progressOf(counts(100), 100), 10_000)).toBeUndefined();
});
