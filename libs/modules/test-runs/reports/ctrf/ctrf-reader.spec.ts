import { isValid } from 'ctrf';
import { describe, expect, it } from 'vitest';
import { readText, receivedAt } from '../format/read-text.fixture.ts';

type Element = Record<string, unknown>;
const passed = { name: 'a', status: 'passed', duration: 1 };
const failed = { ...passed, status: 'failed', message: 'no' };
const ctrf = (tests: readonly unknown[], summary: Element = {}) =>
  JSON.stringify({ reportFormat: 'CTRF', specVersion: '0.0.0', results: { tool: { name: 'x' }, summary, tests } });
const read = (...tests: readonly unknown[]) => readText(ctrf(tests));

describe('CTRF', () => {
  it.each<[string, unknown[], string[]]>([
    ['a pass', [passed], ['a: passed']],
    [
      'a suite as a path',
      [{ ...passed, filePath: 'a.ts', suite: ['cart', 'adds'] }],
      ['a.ts::cart > adds > a: passed'],
    ],
    ['a suite as a text', [{ ...passed, suite: 'cart > adds' }], ['cart > adds > a: passed']],
    [
      'a suite that begins with the file',
      [{ ...passed, filePath: '/x/a.ts', suite: ['a.ts', 'cart'] }],
      ['/x/a.ts::cart > a: passed'],
    ],
    [
      'a full title as the name',
      [{ ...passed, name: 'cart adds a', suite: ['cart', 'adds'] }],
      ['cart > adds > a: passed'],
    ],
    ['an id of its own', [{ ...passed, testId: 'T-1' }], ['T-1: passed']],
    ['pending', [{ ...passed, status: 'pending' }], ['a: skipped']],
    ['other, todo', [{ ...passed, status: 'other', rawStatus: 'todo' }], ['a: skipped']],
    ['other, timed out', [{ ...passed, status: 'other', rawStatus: 'timedOut' }], ['a: failed']],
    ['other, interrupted', [{ ...passed, status: 'other', rawStatus: 'interrupted' }], ['a: pending']],
    ['other, passed', [{ ...passed, status: 'other', rawStatus: 'passed' }], ['a: failed']],
    ['other, and no more', [{ ...passed, status: 'other' }], ['a: failed']],
    ['an unknown status', [{ ...passed, status: 'sideways' }], ['a: failed']],
    ['no status', [{ name: 'a', duration: 1 }], ['a: failed']],
    ['passed, where the tool says failed', [{ ...passed, rawStatus: 'failed' }], ['a: failed']],
    ['upper case', [{ ...passed, status: 'PASSED' }], ['a: passed']],
    [
      'retry attempts',
      [{ ...passed, retries: 1, flaky: true, retryAttempts: [{ attempt: 1, status: 'failed' }] }],
      ['a: flaky'],
    ],
    [
      'retry attempts that failed to the end',
      [{ ...failed, retryAttempts: [{ attempt: 1, status: 'failed' }] }],
      ['a: failed'],
    ],
    [
      'retry attempts that repeat the last',
      [
        {
          ...passed,
          retries: 1,
          retryAttempts: [
            { attempt: 1, status: 'failed' },
            { attempt: 2, status: 'passed' },
          ],
        },
      ],
      ['a: flaky'],
    ],
    ['retries that are only counted', [{ ...passed, retries: 2 }], ['a: flaky']],
    ['retries that are said not to be flaky', [{ ...passed, retries: 2, flaky: false }], ['a: passed']],
    ['flaky, and no more', [{ ...passed, flaky: true }], ['a: flaky']],
    ['repeated elements with marks', [failed, { ...passed, retries: 1, flaky: true }], ['a: flaky']],
    ['repeated elements that failed', [failed, { ...failed, retries: 1 }, { ...failed, retries: 2 }], ['a: failed']],
    ['repeated elements without marks', [failed, passed], ['a: failed', 'a #2: passed']],
    [
      'one name in two browsers',
      [
        { ...passed, browser: 'firefox', retries: 1 },
        { ...failed, browser: 'webkit', retries: 1 },
      ],
      ['a: flaky', 'a: failed'],
    ],
    [
      'two tests of one name, both retried',
      [
        { ...passed, retries: 1 },
        { ...passed, retries: 1 },
      ],
      ['a: flaky', 'a #2: flaky'],
    ],
    ['an expected failure of Playwright', [{ ...failed, extra: { annotations: [{ type: 'fail' }] } }], ['a: passed']],
    ['an unexpected pass of Playwright', [{ ...passed, extra: { annotations: [{ type: 'fail' }] } }], ['a: failed']],
    ['no name', [{ status: 'passed', duration: 1 }], ['(no name): passed']],
    ['elements that are none', [null, 3, 'x', [passed], passed], ['a: passed']],
    ['no tests', [], []],
  ])('%s', async (_, tests, outcomes) => {
    expect((await read(...tests)).outcomes).toEqual(outcomes);
  });

  it('has the attempts of repeated elements in the order of the file', async () => {
    const { rows } = await read(failed, { ...failed, retries: 1 }, { ...passed, retries: 2 });
    expect(rows[0]!.attempts.map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 'failed'],
      [2, 'failed'],
      [3, 'passed'],
    ]);
  });

  it.each<[string, Element, number, number]>([
    ['milliseconds', { start: 1_700_000_000_000, stop: 1_700_000_000_250 }, 1_700_000_000_250, 1],
    ['seconds', { start: 1_700_000_000, stop: 1_700_000_001 }, 1_700_000_001_000, 1],
    ['a text', { stop: '2026-01-02T03:04:05Z' }, Date.UTC(2026, 0, 2, 3, 4, 5), 1],
    ['a start alone', { start: 1_700_000_000_000, duration: 12.6 }, 1_700_000_000_013, 13],
    [
      'a start and a stop without a duration',
      { start: 1_700_000_000_000, stop: 1_700_000_000_250, duration: undefined },
      1_700_000_000_250,
      250,
    ],
    ['none', {}, receivedAt, 1],
    ['zero', { start: 0, stop: 0 }, receivedAt, 1],
    ['a text as the duration', { duration: '2.5' }, receivedAt, 3],
    ['a negative duration', { duration: -4 }, receivedAt, 0],
  ])('takes times: %s', async (_, times, at, durationMs) => {
    expect((await read({ ...passed, ...times })).list).toMatchObject([{ at, durationMs }]);
  });

  it('keeps what an element says of its test', async () => {
    const element = {
      ...failed,
      message: 'expected 1',
      trace: 'at a.ts:3',
      snippet: '> 3',
      line: 3,
      rawStatus: 'timedOut',
      tags: ['fast', 'cart'],
      labels: { owner: 'shop', priority: 1 },
      parameters: { size: 2 },
      threadId: 'w1',
      steps: [{ name: 'open', status: 'passed' }],
      stdout: ['one', 'two\n'],
      stderr: ['three'],
      attachments: [{ name: 'x', contentType: 'y', path: 'z' }],
      extra: { anything: { at: ['all'] } },
    };
    expect(
      isValid(
        JSON.parse(
          ctrf([element], { tests: 1, passed: 0, failed: 1, skipped: 0, pending: 0, other: 0, start: 1, stop: 2 }),
        ),
      ),
    ).toBe(true);
    const { list } = await read(element);
    expect(list).toMatchObject([
      {
        status: 'timedOut',
        rawStatus: 'timedOut',
        error: { message: 'expected 1', stack: 'at a.ts:3', snippet: '> 3' },
        line: 3,
        tags: ['fast', 'cart'],
        owner: 'shop',
        worker: 'w1',
        parameters: { owner: 'shop', priority: '1', size: '2' },
        steps: [{ title: 'open', status: 'passed' }],
      },
      { kind: 'output', stream: 'stdout', text: 'one\ntwo' },
      { kind: 'output', stream: 'stderr', text: 'three' },
    ]);
  });

  it('tells of a summary that does not add up', async () => {
    const { problems } = await readText(ctrf([passed], { tests: 2, failed: 1 }));
    expect(problems.map(({ message }) => message)).toEqual([
      'The summary says that there are 2 tests, and there are 1.',
      'The summary says that 1 tests failed, and 0 did.',
    ]);
  });

  it('does not let the second of two statuses win', async () => {
    const twice = '{"results":{"tests":[{"name":"a","status":"failed","status":"passed"}]}}';
    expect((await readText(twice)).outcomes).toEqual(['a: failed']);
  });
});
