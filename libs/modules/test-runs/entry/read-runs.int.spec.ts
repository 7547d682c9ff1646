import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunSummary, type TestDetail, type TestsPage } from '@testcast/contracts';
import { testKeyOf } from '#platform/kernel';
import { createDatabase, eventually } from '#platform/testing';
import { keyFor } from '../fixtures/access-in-memory.ts';
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
const report = (run: string, items: unknown, query?: string) => server.report(run, items, query);

describe('reading a run', () => {
  it('gives its tests page by page, by testKey, found by outcome and text', async () => {
    const run = newRun();
    await report(run, [
      ...Array.from({ length: 25 }, (_, at) => passed(`cart.spec.ts::Adds ${at}`)),
      failed('login.spec.ts::Logs in'),
    ]);
    await settledRun(run);
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

  it('ends a page of large tests early, and loses none of them', async () => {
    const run = newRun();
    const message = 'é'.repeat(4000);
    for (let part = 0; part < 5; part += 1) {
      await report(
        run,
        Array.from({ length: 50 }, (_, at) => failed(`t${part * 50 + at}`, { error: { message } })),
      );
    }
    await settledRun(run);
    const pages: TestsPage[] = [];
    for (let next: string | null = ''; next !== null; next = pages.at(-1)!.next) {
      const after = next === '' ? '' : `&after=${next}`;
      pages.push((await server.call<TestsPage>('GET', `${run}/tests?limit=1000${after}`)).body);
    }
    expect(pages.length).toBeGreaterThan(2);
    for (const page of pages) expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(1.1 * 1024 * 1024);
    expect(new Set(pages.flatMap(({ items }) => items.map(({ testId }) => testId))).size).toBe(250);
    const { body: limited } = await server.call<TestsPage>('GET', `${run}/tests?limit=7`);
    expect([limited.items.length, limited.next]).toEqual([7, limited.items[6]!.testKey]);
  });

  it('shows all shards of the run alone, and in a list as many as there is room for', async () => {
    const run = `projects/sharded/runs/${randomUUID()}`;
    await server.call('PUT', run);
    const jobUrl = `https://ci.example/${'x'.repeat(1900)}`;
    const starts = Array.from({ length: 40 }, (_, at) => ({ kind: 'shard.started', at, shardId: `s${at}`, jobUrl }));
    await report(run, starts);
    expect((await settledRun(run)).shards).toHaveLength(40);
    const { body } = await server.call<{ items: RunSummary[] }>('GET', 'projects/sharded/runs');
    const { shards, shardsLeftOut } = body.items[0]!;
    expect(JSON.stringify(shards).length).toBeLessThan(8192);
    expect(shards.length + shardsLeftOut!).toBe(40);
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
    await settledRun(run);
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
    const runs = Array.from({ length: 7 }, (_, at) => `projects/listed/runs/r${at}`);
    for (const [at, run] of runs.entries()) {
      await server.call('PUT', run, { branch: at % 2 === 0 ? 'main' : 'dev', commitMessage: `Change ${at}` });
      if (at < 2) await server.call('POST', `${run}/cancel`);
      await settledRun(run);
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
    const reader = keyFor({ shop: 'read' });
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
    const writer = keyFor({ unborn: 'write' });
    const unknown = { status: 404, body: { error: { code: 'project.unknown' } } };
    expect(await server.call('PUT', 'projects/unborn/runs/r', {}, writer)).toMatchObject(unknown);
    expect(await server.call('POST', 'projects/unborn/runs/r/results', [passed('a')], writer)).toMatchObject(unknown);
    expect(await server.call('GET', 'projects/unborn/runs/r')).toMatchObject(unknown);
    expect(await server.call('PUT', 'projects/unborn/runs/r')).toMatchObject({ status: 201 });
  });
});
