import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AttemptStatus, RunEvent, Trends } from '@testcast/contracts';
import { testKeyOf } from '#platform/kernel';
import { createDatabase, eventually } from '#platform/testing';
import { register } from 'prom-client';
import { InsightsApp } from '../fixtures/insights-app.ts';

const minute = 60_000;
const day = 86_400_000;
/** Five minutes in the past, at a full minute. */
const start = Math.floor(Date.now() / minute) * minute - 5 * minute;

let url: string;
let server: InsightsApp;
beforeAll(async () => {
  url = await createDatabase();
  server = await InsightsApp.start(url);
});
afterAll(async () => {
  await server?.stop();
  register.clear();
});

const finished = (testId: string, status: AttemptStatus, more: { at?: number; attempt?: number } = {}): RunEvent => ({
  type: 'test.finished',
  at: more.at ?? start,
  data: {
    testId,
    testKey: testKeyOf(testId, ''),
    variant: '',
    shardId: 's1',
    rerun: 1,
    attempt: more.attempt ?? 1,
    status,
    durationMs: 1000,
  },
});
const read = async (query: string, project = 'shop') =>
  server.get<Trends>(`projects/${project}/trends?${query}`, project);
const minutes = async (project = 'shop') =>
  (await read(`from=${start}&to=${start + 3 * minute}&step=minute`, project)).body;

describe('trends over HTTP', () => {
  it('show what runs report, minute by minute, and correct it when a retry passes', async () => {
    await server.append('shop', 'r1', [
      finished('a', 'passed'),
      finished('b', 'failed'),
      finished('c', 'skipped', { at: start + 2 * minute }),
    ]);
    await eventually(async () => {
      const trends = await minutes();
      expect(trends).toMatchObject({
        step: 'minute',
        from: start,
        to: start + 3 * minute,
        at: [start, start + minute, start + 2 * minute],
        results: [2, 0, 1],
        passed: [1, 0, 0],
        failed: [1, 0, 0],
        skipped: [0, 0, 1],
        attempts: [2, 0, 1],
        attemptsPerMinute: [2, 0, 1],
        p95Ms: [expect.closeTo(1000, -2), null, null],
      });
    });
    await server.append('shop', 'r1', [finished('b', 'passed', { at: start + minute, attempt: 2 })]);
    await eventually(async () => {
      const trends = await minutes();
      expect(trends).toMatchObject({ results: [2, 0, 1], failed: [0, 0, 0], flaky: [1, 0, 0], attempts: [2, 1, 1] });
    });
  });

  it('add up the runs of a project and leave out those of others, and go on after a restart', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        server.append('bank', `r${n}`, [finished('a', 'passed'), finished('b', 'failed')]),
      ),
    );
    await server.stop();
    register.clear();
    server = await InsightsApp.start(url);
    await server.append('bank', 'r0', [finished('c', 'passed')]);
    await eventually(async () => {
      expect(await minutes('bank')).toMatchObject({ results: [41, 0, 0], passed: [21, 0, 0], failed: [20, 0, 0] });
    });
    const { body } = await read(`from=${start}&to=${start + 1}&step=day`, 'bank');
    expect(body).toMatchObject({ step: 'day', results: [41], workers: [20] });
  });

  it('are the same after the tables have been made anew from the log', async () => {
    const database = server.app.get(DataSource);
    const before = await minutes('bank');
    expect(before.results[0]).toBe(41);
    await database.query(`insert into projection_builds (projection, number, state) values ('trends', 2, 'filling')`);
    await eventually(async () => {
      const live = await database.query<unknown[]>(
        `select number from projection_builds where projection = 'trends' and state = 'live'`,
      );
      expect(live).toEqual([{ number: 2 }]);
    });
    expect(await minutes('bank')).toEqual(before);
    await server.append('bank', 'r1', [finished('c', 'passed', { at: start + minute })]);
    await eventually(async () => expect(await minutes('bank')).toMatchObject({ results: [41, 1, 0] }));
  }, 30_000);

  it('take the finest step that gives few points and is kept for as long', async () => {
    const now = Date.now();
    const stepOf = async (query: string) => (await read(query)).body.step;
    expect(await stepOf(`from=${now - 12 * 60 * minute}`)).toBe('minute');
    expect(await stepOf(`from=${now - 7 * day}`)).toBe('hour');
    expect(await stepOf('')).toBe('hour');
    expect(await stepOf(`from=${now - 300 * day}`)).toBe('day');
    expect(await stepOf(`from=${now - 100 * day}&to=${now - 100 * day + 60 * minute}`)).toBe('hour');
    expect(await stepOf(`from=${now - 3000 * day}&to=${now - 3000 * day + 60 * minute}`)).toBe('day');
  });

  it('begin where minutes are kept, and are empty before', async () => {
    const today = Math.floor(Date.now() / day) * day;
    const cut = await read(`from=${today - 14.5 * day}&to=${today - 13.5 * day}&step=minute`);
    expect([cut.status, cut.body.from, cut.body.at.length]).toEqual([200, today - 14 * day, 720]);
    const none = await read(`from=${today - 30 * day}&to=${today - 29 * day}&step=minute`);
    expect([none.status, none.body.results]).toEqual([200, []]);
  });

  it.each([
    ['a beginning that is none', 'from=yesterday', 'from'],
    ['an end before the beginning', `from=${start}&to=${start - 1}`, 'from'],
    ['an end at the beginning', `from=${start}&to=${start}`, 'from'],
    ['a time below zero', 'from=-1', 'from'],
    ['over 400 days', `from=${start - 401 * day}&to=${start}`, 'from'],
    ['a step that there is not', 'step=week', 'step'],
    ['more points than an answer has', `from=${start - 10 * day}&to=${start}&step=minute`, 'step'],
    ['a name twice', 'from=1&from=2', 'from'],
  ])('refuse %s', async (_, query, path) => {
    const { status, body } = await read(query);
    expect([status, body.error]).toMatchObject([400, { code: 'request.invalid', details: { issues: [{ path }] } }]);
  });

  it('are for who may read the project, and of a project that there is', async () => {
    expect((await server.get('projects/shop/trends', 'bank')).body.error.code).toBe('auth.forbidden');
    expect((await server.get('projects/nobody/trends', 'nobody')).body.error.code).toBe('project.unknown');
    expect((await server.get('projects/NO/trends', 'NO')).status).toBe(400);
  });
});
