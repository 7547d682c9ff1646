import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunSummary, type TestsPage, limits, rooms } from '@testcast/contracts';
import { createDatabase, eventually } from '#platform/testing';
import { failed, newRun, passed } from '../fixtures/results.ts';
import { RunningApp } from '../fixtures/running-app.ts';

let server: RunningApp;
beforeAll(async () => {
  server = await RunningApp.start(await createDatabase());
});
afterAll(async () => {
  await server?.stop();
});

const settledRun = (run: string) => eventually(() => server.settledRun(run));
const streamOf = (run: string) => rooms.run('shop', run.split('/')[3]!);
const report = (run: string, items: unknown, query?: string) => server.report(run, items, query);
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
    expect(await settledRun(run)).toMatchObject({
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
    expect(await settledRun(run)).toMatchObject({
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

  it('keeps a shard, and its run, without a link to its job that would run in the page of who follows it', async () => {
    const run = newRun();
    const jobUrl = 'javascript:alert(1)';
    const started = { kind: 'shard.started', at: 1, shardId: 's', total: 1 };
    const results = await report(run, [{ ...started, jobUrl }, passed('a')], '?shard=s');
    expect(results).toEqual([
      { index: 0, status: 'appended', offset: expect.any(Number) as number, leftOut: ['jobUrl'] },
      { index: 1, status: 'appended', offset: expect.any(Number) as number },
    ]);
    expect((await settledRun(run)).shards).toEqual([expect.not.objectContaining({ jobUrl }) as object]);
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
    await settledRun(run);
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
    expect(await settledRun(run)).toMatchObject({ status: 'passed', complete: true });
    await report(run, [failed('b')]);
    expect(await settledRun(run)).toMatchObject({ status: 'failed' });
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
    expect(await settledRun(run)).toMatchObject({ status: 'failed', complete: true });
    await report(run, [shard('a', 'shard.started'), passed('t1'), shard('a', 'shard.finished')], '?shard=a&rerun=2');
    expect((await typesIn(run)).slice(4)).toEqual([
      'shard.started',
      'test.finished',
      'shard.finished',
      'run.finished',
      'run.reopened',
      'shard.started',
      'test.finished',
      'shard.finished',
      'run.finished',
    ]);
    expect(await settledRun(run)).toMatchObject({ status: 'passed', counts: { tests: 2, flaky: 1, passed: 1 } });
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
