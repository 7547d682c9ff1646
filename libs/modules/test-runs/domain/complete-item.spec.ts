import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OutputItem, type TestItem, limits } from '@testcast/contracts';
import { testKeyOf } from '#platform/kernel';
import { completeOutput, completeShard, completeTest } from './complete-item.ts';
import { cutMiddle } from './cut-text.ts';
import { parseBatch } from './report-batch.ts';

const context = { projectId: 'shop', runId: 'r1' };
const finished: Extract<TestItem, { kind: 'test.finished' }> = {
  kind: 'test.finished',
  at: 1,
  testId: 'a.spec.ts::adds',
  attempt: 1,
  status: 'failed',
  durationMs: 5,
};
const output: OutputItem = { kind: 'output', at: 1, stream: 'stdout', seq: 0, text: 'hello' };
const failing = (error: { message: string; stack?: string; snippet?: string }, more: object = {}) =>
  completeTest({ ...finished, error, ...more }, context);
const bytes = (value: unknown) => Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value));

describe('what an item does not say', () => {
  it('is filled in', () => {
    expect(completeTest(finished, context)).toEqual({
      stream: 'run:shop/r1',
      eventId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      type: 'test.finished',
      at: 1,
      data: {
        testId: 'a.spec.ts::adds',
        testKey: testKeyOf('a.spec.ts::adds', ''),
        shardId: '',
        variant: '',
        rerun: 1,
        attempt: 1,
        status: 'failed',
        durationMs: 5,
      },
    });
  });

  it.each([
    ['the item', 'own', 'shard', 'request', 'own'],
    ['the shard', undefined, 'shard', 'request', 'shard'],
    ['the request', undefined, undefined, 'request', 'request'],
    ['nobody', undefined, undefined, undefined, ''],
  ])('its variant is said by %s', (_, variant, shardVariant, requested, expected) => {
    const { data } = completeTest({ ...finished, variant }, { ...context, shardVariant, variant: requested });
    expect(data).toMatchObject({ variant: expected, testKey: testKeyOf(finished.testId, expected) });
  });

  it("its shard and rerun are the request's", () => {
    expect(completeTest(finished, { ...context, shardId: 's1', rerun: 4 }).data).toMatchObject({
      shardId: 's1',
      rerun: 4,
    });
  });

  it('a shard takes its rerun and variant from the request where it says none', () => {
    const shard = { kind: 'shard.started', at: 1, shardId: 's1' } as const;
    expect(completeShard(shard, { ...context, rerun: 2, variant: 'ie6' })).toEqual({
      shardId: 's1',
      rerun: 2,
      variant: 'ie6',
    });
    expect(completeShard({ ...shard, rerun: 3, variant: 'x' }, { ...context, rerun: 2, variant: 'ie6' })).toEqual({
      shardId: 's1',
      rerun: 3,
      variant: 'x',
    });
    expect(completeShard({ kind: 'shard.finished', at: 1, shardId: 's1' }, context)).toEqual({
      shardId: 's1',
      rerun: 1,
    });
  });
});

describe('what rooms do not carry', () => {
  it('is kept apart: stack, snippet and steps', () => {
    const { data, detail } = failing({ message: 'm', stack: 's', snippet: 'c' }, { steps: [{ title: 'click' }] });
    expect(data).toMatchObject({ error: { message: 'm' } });
    expect(data).not.toHaveProperty('steps');
    expect(detail).toEqual({ stack: 's', snippet: 'c', steps: [{ title: 'click' }] });
  });
});

describe('the identity of an item', () => {
  const id = (item: Partial<TestItem>, given: object = {}) =>
    completeTest({ ...finished, ...item }, { ...context, ...given }).eventId;

  it.each<[string, Partial<TestItem>, object]>([
    ['test', { testId: 'other' }, {}],
    ['variant', { variant: 'webkit' }, {}],
    ['attempt', { attempt: 2 }, {}],
    ['kind', { kind: 'test.started' }, {}],
    ['shard', {}, { shardId: 's1' }],
    ['rerun', {}, { rerun: 2 }],
    ['run', {}, { runId: 'r2' }],
    ['item id', { itemId: 'i1' }, {}],
  ])('changes with its %s', (_, item, given) => {
    expect(id(item, given)).not.toBe(id({}));
  });

  it('does not change with its content', () => {
    expect(id({ durationMs: 9, at: 9 })).toBe(id({}));
  });

  it('is its item id alone where it has one', () => {
    expect(id({ itemId: 'i1', testId: 'other' }, { shardId: 's1' })).toBe(id({ itemId: 'i1' }));
  });

  it('of output is its stream and number too', () => {
    const of = (more: Partial<OutputItem>) => completeOutput({ ...output, ...more }, context).eventId;
    expect(
      new Set([of({}), of({ seq: 1 }), of({ stream: 'stderr' }), of({ testId: 't' }), of({ attempt: 1 })]).size,
    ).toBe(5);
  });
});

describe('output', () => {
  it('goes to the stream of its test, and without one to that of the run', () => {
    expect(completeOutput({ ...output, testId: 't' }, context).stream).toBe(`output:shop/r1/${testKeyOf('t', '')}`);
    expect(completeOutput(output, context).stream).toBe('output:shop/r1/_');
  });

  it('is cut in the middle', () => {
    const text = `begin ${'x'.repeat(40_000)} end`;
    const { data } = completeOutput({ ...output, text }, context) as { data: { text: string; truncated: string[] } };
    expect(data.text).toMatch(/^begin x+\n… \d+ bytes or more were cut here …\nx+ end$/);
    expect(bytes(data.text)).toBeLessThanOrEqual(limits.outputTextBytes);
    expect(data.truncated).toEqual(['text']);
  });
});

describe('long texts', () => {
  it.each([
    ['message', limits.messageBytes, (text: string) => failing({ message: text })],
    ['stack', limits.stackBytes, (text: string) => failing({ message: 'm', stack: text })],
    ['snippet', limits.snippetBytes, (text: string) => failing({ message: 'm', snippet: text })],
  ])('a %s of the limit stays whole, one above is cut', (name, limit, complete) => {
    const textOf = ({ data, detail }: ReturnType<typeof failing>) =>
      name === 'message'
        ? (data as { error: { message: string } }).error.message
        : (detail as Record<string, string>)[name]!;
    expect(textOf(complete('é'.repeat(limit / 2)))).toBe('é'.repeat(limit / 2));
    expect(complete('é'.repeat(limit / 2)).data).not.toHaveProperty('truncated');
    const cut = complete(`${'é'.repeat(limit / 2)}e`);
    expect(bytes(textOf(cut))).toBeLessThanOrEqual(limit);
    expect(textOf(cut)).not.toContain('\uFFFD');
    expect(cut.data).toMatchObject({ truncated: [name] });
  });

  it('are cut at characters, whatever these are', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 60, maxLength: 300 }),
        fc.integer({ min: 60, max: 400 }),
        (text, max) => {
          const cut = cutMiddle(text, max);
          expect(cut === undefined).toBe(Buffer.byteLength(text) <= max);
          if (cut === undefined) return;
          expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(max);
          const [head, tail] = cut.split(/\n… \d+ bytes or more were cut here …\n/);
          expect(text.startsWith(head!) && text.endsWith(tail!)).toBe(true);
        },
      ),
    );
  });

  it('are cut further when the item is too large with all of them', () => {
    const quotes = '"'.repeat(100_000);
    const { data, detail } = failing({ message: quotes, stack: quotes, snippet: quotes });
    expect(bytes({ data, detail })).toBeLessThanOrEqual(limits.itemBytes);
    expect(data).toMatchObject({ truncated: ['message', 'stack', 'snippet'] });
  });

  it('are measured only in a request that is large enough', () => {
    const whole = completeTest(
      { ...finished, error: { message: '"'.repeat(8000) } },
      { ...context, requestBytes: 17_000 },
    );
    expect(whole.data).toMatchObject({ error: { message: '"'.repeat(8000) } });
  });
});

describe('steps', () => {
  const tree = (width: number, depth: number, title = 'click'): object[] =>
    Array.from({ length: width }, (_, at) => ({
      title: `${title} ${at}`,
      steps: depth > 1 ? tree(3, depth - 1, title) : [],
    }));
  const stepsOf = (steps: object[]) => {
    const { data, detail } = failing({ message: 'm' }, { steps });
    return {
      truncated: (data as { truncated?: string[] }).truncated,
      steps: (detail as { steps: { title: string }[] }).steps,
    };
  };

  it('stay whole within their limit', () => {
    expect(stepsOf(tree(3, 3))).toEqual({ truncated: undefined, steps: tree(3, 3) });
  });

  it.each([
    ['deep', tree(10, 6)],
    ['wide', tree(5000, 1)],
    ['wordy', tree(20, 2, 'x'.repeat(2000))],
  ])('that are %s are cut and keep their first and last', (_, steps) => {
    const cut = stepsOf(steps);
    expect(bytes(cut.steps)).toBeLessThanOrEqual(limits.stepsBytes);
    expect(cut.truncated).toEqual(['steps']);
    expect(cut.steps[0]!.title.slice(0, 5)).toBe((steps[0] as { title: string }).title.slice(0, 5));
    expect(cut.steps.at(-1)!.title.slice(-3)).toBe((steps.at(-1) as { title: string }).title.slice(-3));
  });

  it('say how many were left out', () => {
    const titles = stepsOf(tree(5000, 1)).steps.map(({ title }) => title);
    const left = Number(/^… (\d+) steps were left out …$/.exec(titles.find((title) => title.startsWith('…'))!)![1]);
    expect(titles.length - 1 + left).toBe(5000);
  });
});

it('an item that is too large with its texts cut is refused', () => {
  const parameters = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`p${at}`, 'x'.repeat(2000)]));
  expect(() => completeTest({ ...finished, parameters }, context)).toThrowError(
    expect.objectContaining({ code: 'item.too-large' }) as Error,
  );
});

describe('a request', () => {
  const item = { kind: 'test.finished', at: 1, testId: 't', status: 'passed', durationMs: 1 };

  it('keeps the items that are right and names those that are not', () => {
    const { tests, rejected } = parseBatch([
      item,
      { kind: 'test.finished' },
      7,
      { ...item, status: 'ok' },
      null,
      { ...item, attempt: 0 },
    ]);
    expect(tests.map(({ index }) => index)).toEqual([0]);
    expect(rejected.map(({ index, status }) => [index, status])).toEqual(
      [1, 2, 3, 4, 5].map((index) => [index, 'rejected']),
    );
    expect(rejected[2]).toMatchObject({ error: { code: 'item.invalid', details: { issues: [{ path: 'status' }] } } });
  });

  it('is not sent back where it is wrong', () => {
    const parameters = { ['k'.repeat(400_000)]: 7 };
    const { rejected } = parseBatch([{ ...item, parameters }]);
    expect(JSON.stringify(rejected).length).toBeLessThan(2000);
  });

  it('is refused with more than 500 items, or more than 512 KiB', () => {
    const tooLarge = expect.objectContaining({ code: 'request.too-large' }) as Error;
    expect(() => parseBatch(Array.from({ length: 501 }, () => item))).toThrowError(tooLarge);
    expect(() => parseBatch([{ ...item, error: { message: 'x'.repeat(600_000) } }])).toThrowError(tooLarge);
    expect(parseBatch(Array.from({ length: 500 }, () => item)).tests).toHaveLength(500);
  });

  it('with an item that is nested without end loses only that one', () => {
    const deep = JSON.parse(`${'{"steps":['.repeat(20_000)}${']}'.repeat(20_000)}`) as unknown;
    const { tests, rejected } = parseBatch([deep, item]);
    expect(tests).toHaveLength(1);
    expect(rejected).toMatchObject([{ index: 0, error: { code: 'item.invalid' } }]);
  });

  it('has what the database cannot store replaced', () => {
    const { tests } = parseBatch([{ ...item, testId: 'a\0b\ud800c', parameters: { 'k\0': 'v\udc00' } }]);
    expect(tests[0]!.item).toMatchObject({ testId: 'a\uFFFDb\uFFFDc', parameters: { 'k\uFFFD': 'v\uFFFD' } });
  });

  it('keeps colours, emoji and what only looks like an escape', () => {
    const text = '\u001B[31mred\u001B[0m 😀 \\u0000 \\ud83d';
    const { outputs } = parseBatch([{ kind: 'output', at: 1, stream: 'stdout', seq: 0, text }]);
    expect(outputs[0]!.item.text).toBe(text);
  });
});
