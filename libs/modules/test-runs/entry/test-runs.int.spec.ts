import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ItemResult, type RunSummary, type TestDetail, type TestsPage, limits, rooms } from '@testcast/contracts';
import { testKeyOf } from '#platform/kernel';
import { createDatabase } from '#platform/testing';
import { RunningApp } from '../fixtures/running-app.ts';

let server: RunningApp;
beforeAll(async () => {
  server = await RunningApp.start(await createDatabase());
  await server.call('POST', 'projects', { projectId: 'shop' });
});
afterAll(async () => {
  await server?.stop();
});

const newRun = () => `projects/shop/runs/${randomUUID()}`;
const streamOf = (run: string) => rooms.run('shop', run.split('/')[3]!);
const passed = (testId: string, more: object = {}) => ({
  kind: 'test.finished',
  at: 1,
  testId,
  status: 'passed',
  durationMs: 5,
  ...more,
});
const failed = (testId: string, more: object = {}) =>
  passed(testId, { status: 'failed', error: { message: 'no' }, ...more });
async function report(run: string, items: unknown, query = ''): Promise<ItemResult[]> {
  const { status, body } = await server.call<{ results: ItemResult[] }>('POST', `${run}/results${query}`, items);
  expect(status).toBe(200);
  return body.results;
}
const typesIn = async (run: string) => (await server.log(streamOf(run))).map(([type]) => type);

describe('starting a run', () => {
  it('answers 201, and 200 to those who join', async () => {
    const run = newRun();
    expect(await server.call('PUT', run, { branch: 'main' })).toEqual({ status: 201, body: { offset: 1 } });
    expect(await server.call('PUT', run, { branch: 'other', commit: 'abc' })).toEqual({
      status: 200,
      body: { offset: 1, joined: true },
    });
    expect(await server.call('PUT', run)).toEqual({ status: 200, body: { offset: 1, joined: true } });
    expect(await server.settledRun(run)).toMatchObject({
      branch: 'main',
      commit: 'abc',
      implicit: false,
      status: 'running',
      version: 3,
    });
  });

  it('can be asked about at once, ahead of the projection', async () => {
    const run = newRun();
    await server.call('PUT', run, { name: 'nightly' });
    const [found, tests] = await Promise.all([
      server.call<RunSummary>('GET', run),
      server.call<TestsPage>('GET', `${run}/tests`),
    ]);
    expect(found).toMatchObject({ status: 200, body: { name: 'nightly' } });
    expect(tests.status).toBe(200);
  });

  it('refuses what is no description, no run id and no project', async () => {
    expect(await server.call('PUT', newRun(), { expectedTests: -1 })).toMatchObject({
      status: 400,
      body: { error: { code: 'request.invalid' } },
    });
    expect(await server.call('PUT', 'projects/shop/runs/a%20b')).toMatchObject({
      status: 400,
      body: { error: { code: 'request.invalid' } },
    });
    expect(await server.call('PUT', 'projects/No/runs/r')).toMatchObject({ status: 400 });
  });
});

describe('reporting results', () => {
  it('answers each item at its index, and keeps the good ones', async () => {
    const run = newRun();
    const results = await report(run, [
      passed('a'),
      { kind: 'nonsense' },
      failed('b'),
      passed('a'),
      passed('a', { durationMs: 9 }),
    ]);
    expect(results).toEqual([
      { index: 0, status: 'appended', offset: 2 },
      { index: 1, status: 'rejected', error: expect.objectContaining({ code: 'item.invalid' }) as object },
      { index: 2, status: 'appended', offset: 3 },
      { index: 3, status: 'duplicate', offset: 2 },
      { index: 4, status: 'rejected', offset: 2, error: expect.objectContaining({ code: 'item.conflict' }) as object },
    ]);
    expect(await server.settledRun(run)).toMatchObject({
      implicit: true,
      failing: true,
      counts: { tests: 2, passed: 1, failed: 1, attempts: 2 },
    });
  });

  it('takes lines of JSON, and loses only those that are none', async () => {
    const results = await report(
      newRun(),
      `${JSON.stringify(passed('a'))}\n\n{"kind":\n${JSON.stringify(passed('b'))}\n`,
    );
    expect(results.map(({ status }) => status)).toEqual(['appended', 'rejected', 'appended']);
    expect(results[1]).toMatchObject({
      error: { code: 'item.invalid', message: expect.stringContaining('not JSON') as string },
    });
  });

  it('sent again is all duplicates, with the first offsets', async () => {
    const run = newRun();
    const items = [
      { kind: 'shard.started', at: 1, shardId: 's', total: 2 },
      { kind: 'test.planned', at: 1, testId: 'a' },
      passed('a'),
      { kind: 'output', at: 1, testId: 'a', stream: 'stdout', seq: 0, text: 'hi' },
      { kind: 'shard.finished', at: 1, shardId: 's' },
    ];
    const first = await report(run, items, '?shard=s');
    expect(first.map(({ status }) => status)).toEqual(items.map(() => 'appended'));
    const again = await report(run, items, '?shard=s');
    expect(again).toEqual(first.map((result) => ({ ...result, status: 'duplicate' })));
  });

  it('gives the results of a shard the variant that it announced, in the same request and later', async () => {
    const run = newRun();
    await report(run, [passed('a'), { kind: 'shard.started', at: 1, shardId: 's', variant: 'webkit' }], '?shard=s');
    await report(run, [passed('b')], '?shard=s&variant=firefox');
    const variants = (await server.log(streamOf(run)))
      .filter(([type]) => type === 'test.finished')
      .map(([, data]) => data['variant']);
    expect(variants).toEqual(['webkit', 'webkit']);
    expect(await typesIn(run)).toEqual(['run.started', 'shard.started', 'test.finished', 'test.finished']);
  });

  it('refuses more than a request may hold, as a whole', async () => {
    const run = newRun();
    const many = await server.call(
      'POST',
      `${run}/results`,
      Array.from({ length: limits.batchItems + 1 }, (_, at) => passed(`t${at}`)),
    );
    expect(many).toMatchObject({
      status: 413,
      body: { error: { code: 'request.too-large', details: { limit: limits.batchItems } } },
    });
    const large = await server.call('POST', `${run}/results`, [
      failed('a', { error: { message: 'x'.repeat(limits.batchBytes) } }),
    ]);
    expect(large).toMatchObject({ status: 413, body: { error: { code: 'request.too-large' } } });
    expect(await server.call('POST', `${run}/results`, { kind: 'test.finished' })).toMatchObject({ status: 400 });
    expect(await server.call('GET', run)).toMatchObject({ status: 404, body: { error: { code: 'run.unknown' } } });
  });

  it('stores what a database cannot, as what it can', async () => {
    const run = newRun();
    const results = await report(run, [failed('nul \0 and \ud800', { error: { message: '\0\udfff' } })]);
    expect(results[0]).toMatchObject({ status: 'appended' });
    await server.settledRun(run);
    const { body } = await server.call<TestsPage>('GET', `${run}/tests`);
    expect(body.items[0]).toMatchObject({ testId: 'nul \uFFFD and \uFFFD', error: { message: '\uFFFD\uFFFD' } });
  });
});

describe('the end of a run', () => {
  it('is answered again with the first offset, and another one is refused', async () => {
    const run = newRun();
    await report(run, [passed('a')]);
    expect(await server.call('POST', `${run}/finish`, { status: 'passed' })).toEqual({
      status: 200,
      body: { offset: 3 },
    });
    expect(await server.call('POST', `${run}/finish`, { status: 'passed' })).toEqual({
      status: 200,
      body: { offset: 3 },
    });
    expect(await server.call('POST', `${run}/finish`, { status: 'failed' })).toMatchObject({
      status: 409,
      body: { error: { code: 'run.already-ended', details: { offset: 3 } } },
    });
    expect(await server.call('POST', `${run}/cancel`)).toMatchObject({
      status: 409,
      body: { error: { details: { offset: 3 } } },
    });
    expect(await server.settledRun(run)).toMatchObject({ status: 'passed', complete: true });
    await report(run, [failed('b')]);
    expect(await server.settledRun(run)).toMatchObject({ status: 'failed' });
    const { body } = await server.call<TestsPage>('GET', `${run}/tests?outcome=failed`);
    expect(body).toMatchObject({
      asOf: 4,
      endOffset: 3,
      items: [{ testId: 'b', attempts: [{ late: true }] }],
      next: null,
    });
  });

  it('comes by itself with the last shard, and a rerun opens the run again', async () => {
    const run = newRun();
    const shard = (shardId: string, kind: string) => ({
      kind,
      at: 1,
      shardId,
      ...(kind === 'shard.started' ? { total: 2 } : {}),
    });
    await report(run, [shard('a', 'shard.started'), failed('t1'), shard('a', 'shard.finished')], '?shard=a');
    await report(run, [shard('b', 'shard.started'), passed('t2'), shard('b', 'shard.finished')], '?shard=b');
    expect(await server.settledRun(run)).toMatchObject({ status: 'failed', complete: true });
    await report(run, [shard('a', 'shard.started'), passed('t1'), shard('a', 'shard.finished')], '?shard=a&rerun=2');
    expect(await typesIn(run)).toEqual([
      ...['run.started', 'shard.started', 'test.finished', 'shard.finished'],
      ...['shard.started', 'test.finished', 'shard.finished', 'run.finished'],
      ...['run.reopened', 'shard.started', 'test.finished', 'shard.finished', 'run.finished'],
    ]);
    expect(await server.settledRun(run)).toMatchObject({ status: 'passed', counts: { tests: 2, flaky: 1, passed: 1 } });
  });

  it('is not that of a run of which nobody has heard', async () => {
    expect(await server.call('POST', `${newRun()}/finish`)).toMatchObject({
      status: 404,
      body: { error: { code: 'run.unknown' } },
    });
    expect(await server.call('POST', `${newRun()}/cancel`)).toMatchObject({
      status: 404,
      body: { error: { code: 'run.unknown' } },
    });
  });
});

describe('reading a run', () => {
  it('gives its tests page by page, by testKey, found by outcome and text', async () => {
    const run = newRun();
    await report(run, [
      ...Array.from({ length: 25 }, (_, at) => passed(`cart.spec.ts::Adds ${at}`)),
      failed('login.spec.ts::Logs in'),
    ]);
    await server.settledRun(run);
    const keys: string[] = [];
    for (let after = ''; ;) {
      const { body } = await server.call<TestsPage>('GET', `${run}/tests?limit=10${after}`);
      expect(body).toMatchObject({ asOf: 27, epoch: expect.stringMatching(/\.1$/) as string });
      keys.push(...body.items.map(({ testKey }) => testKey));
      if (body.next === null) break;
      after = `&after=${body.next}`;
    }
    expect(keys).toEqual([...keys].sort());
    expect(new Set(keys).size).toBe(26);
    const found = async (query: string) =>
      (await server.call<TestsPage>('GET', `${run}/tests?${query}`)).body.items.map(({ title }) => title);
    expect(await found('outcome=failed')).toEqual(['Logs in']);
    expect(await found('search=LOGS')).toEqual(['Logs in']);
    expect(await found('search=adds&outcome=failed')).toEqual([]);
    expect(await server.call('GET', `${run}/tests?limit=1001`)).toMatchObject({ status: 400 });
  });

  it('gives a test with everything that its attempts reported', async () => {
    const run = newRun();
    await report(run, [
      failed('a', {
        error: { message: 'no', stack: 'at x', snippet: '> 1' },
        steps: [{ title: 'click' }],
        parameters: { size: 'L' },
        willRetry: true,
      }),
      passed('a', { attempt: 2 }),
    ]);
    await server.settledRun(run);
    const test = await server.call<TestDetail>('GET', `${run}/tests/${testKeyOf('a', '')}`);
    expect(test.body).toMatchObject({ testId: 'a', outcome: 'flaky', error: { message: 'no' } });
    expect(test.body.attempts).toEqual([
      expect.objectContaining({
        attempt: 1,
        status: 'failed',
        stack: 'at x',
        snippet: '> 1',
        steps: [{ title: 'click' }],
        parameters: { size: 'L' },
      }),
      expect.not.objectContaining({ stack: expect.anything() as unknown }),
    ]);
    expect(await server.call('GET', `${run}/tests/${testKeyOf('b', '')}`)).toMatchObject({
      status: 404,
      body: { error: { code: 'test.unknown' } },
    });
  });

  it('gives a project its runs, the newest first, found by status, branch and text', async () => {
    await server.call('POST', 'projects', { projectId: 'listed' });
    const runs = Array.from({ length: 7 }, (_, at) => `projects/listed/runs/r${at}`);
    for (const [at, run] of runs.entries()) {
      await server.call('PUT', run, { branch: at % 2 === 0 ? 'main' : 'dev', commitMessage: `Change ${at}` });
      if (at < 2) await server.call('POST', `${run}/cancel`);
      await server.settledRun(run);
    }
    const list = async (query: string) =>
      (await server.call<{ items: RunSummary[]; next: string | null }>('GET', `projects/listed/runs?${query}`)).body;
    const first = await list('limit=4');
    expect(first.items.map(({ runId }) => runId)).toEqual(['r6', 'r5', 'r4', 'r3']);
    const second = await list(`limit=4&after=${first.next}`);
    expect([second.items.map(({ runId }) => runId), second.next]).toEqual([['r2', 'r1', 'r0'], null]);
    expect((await list('status=cancelled&branch=dev')).items.map(({ runId }) => runId)).toEqual(['r1']);
    expect((await list('search=change+3')).items.map(({ runId }) => runId)).toEqual(['r3']);
    expect(await server.call('GET', 'projects/listed/runs?after=nonsense')).toMatchObject({
      status: 400,
      body: { error: { code: 'request.invalid' } },
    });
  });
});

describe('who may do what', () => {
  it('is looked at before anything that exists', async () => {
    const reader = await server.newKey({ shop: 'read' });
    const run = newRun();
    for (const [method, path] of [
      ['PUT', run],
      ['POST', `${run}/results`],
      ['POST', `${run}/finish`],
      ['POST', `${run}/cancel`],
    ] as const) {
      expect(await server.call(method, path, [], reader)).toMatchObject({
        status: 403,
        body: { error: { code: 'auth.forbidden' } },
      });
      expect(await server.call(method, path, [], 'tc_nobody')).toMatchObject({ status: 401 });
    }
    expect(await server.call('GET', run, undefined, reader)).toMatchObject({ status: 404 });
    expect(await server.call('GET', 'projects/elsewhere/runs', undefined, reader)).toMatchObject({ status: 403 });
  });

  it('makes a project for admins of all projects, and for nobody else', async () => {
    const writer = await server.newKey({ unborn: 'write' });
    const unknown = { status: 404, body: { error: { code: 'project.unknown' } } };
    expect(await server.call('PUT', 'projects/unborn/runs/r', {}, writer)).toMatchObject(unknown);
    expect(await server.call('POST', 'projects/unborn/runs/r/results', [passed('a')], writer)).toMatchObject(unknown);
    expect(await server.call('GET', 'projects/unborn/runs/r')).toMatchObject(unknown);
    expect(await server.call('PUT', 'projects/unborn/runs/r')).toMatchObject({ status: 201 });
  });
});
