import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ItemResult, type TestsPage } from '@testcast/contracts';
import { createDatabase, eventually } from '#platform/testing';
import { RunningApp } from '../fixtures/running-app.ts';

let server: RunningApp;
beforeAll(async () => {
  server = await RunningApp.start(await createDatabase());
});
afterAll(async () => {
  await server?.stop();
});

const newRun = () => `projects/shop/runs/${randomUUID()}`;
const settledRun = (run: string) => eventually(() => server.settledRun(run));
const passed = { kind: 'test.finished', at: 1, testId: 'a', status: 'passed', durationMs: 5 };

describe('text that PostgreSQL does not store', () => {
  it('does not keep a run from being shown when it describes the run', async () => {
    const run = newRun();
    const described = await server.call('PUT', run, {
      name: 'nightly\0',
      branch: 'half \ud800',
      environment: { 'os\0': 'linux\0' },
    });
    expect(described.status).toBe(201);
    expect(await settledRun(run)).toMatchObject({ name: 'nightly\ufffd', branch: 'half \ufffd' });
  });

  it('does not keep results from being stored when it is in the variant of a request', async () => {
    const run = newRun();
    const { status, body } = await server.call<{ results: ItemResult[] }>('POST', `${run}/results?variant=chrome%00`, [
      passed,
    ]);
    expect([status, body.results?.[0]?.status]).toEqual([200, 'appended']);
    await settledRun(run);
    const page = await server.call<TestsPage>('GET', `${run}/tests`);
    expect(page.body.items).toMatchObject([{ variant: 'chrome\ufffd' }]);
  });

  it.each(['search=%00', 'branch=%00', `after=${Buffer.from('[1,"\\u0000"]').toString('base64url')}`])(
    'is a mistake of the request in ?%s',
    async (query) => {
      const { status, body } = await server.call('GET', `projects/shop/runs?${query}`);
      expect([status, body.error.code]).toEqual([400, 'request.invalid']);
    },
  );
});

describe('a description of a run', () => {
  it('is refused when no frame could carry it', async () => {
    const environment = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`v${at}`, 'x'.repeat(2000)]));
    const { status, body } = await server.call('PUT', newRun(), { environment });
    expect([status, body.error?.code]).toEqual([413, 'request.too-large']);
  });
});

describe('a test of very many attempts', () => {
  it('keeps its verdict and its count of attempts in a row of bounded size', { timeout: 60_000 }, async () => {
    const run = newRun();
    const attempts = 2000;
    const items = Array.from({ length: attempts }, (_, at) => ({
      ...passed,
      attempt: at + 1,
      ...(at === 3 ? { status: 'failed', error: { message: 'x'.repeat(4000) } } : {}),
    }));
    for (let at = 0; at < attempts; at += 500) await server.call('POST', `${run}/results`, items.slice(at, at + 500));
    const summary = await settledRun(run);
    expect(summary.counts).toMatchObject({ tests: 1, flaky: 1, attempts });
    const { body } = await server.call<TestsPage>('GET', `${run}/tests`);
    expect(body.items[0]!.attempts.length).toBeLessThanOrEqual(500);
  });
});
