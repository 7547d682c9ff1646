import { randomUUID } from 'node:crypto';
import { CommandBus } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, eventually } from '#platform/testing';
import { EndQuietRun } from '../commands/end-quiet-run.ts';
import { RunningApp } from '../fixtures/running-app.ts';

// Two projectors on one log throughout: every outcome below is the only one although both look for it.
let apps: RunningApp[];
beforeAll(async () => {
  const url = await createDatabase();
  apps = [await RunningApp.start(url), await RunningApp.start(url)];
});
afterAll(async () => {
  for (const app of apps ?? []) await app.stop();
});

const newRun = () => `projects/shop/runs/${randomUUID()}`;
const passed = (testId: string) => ({ kind: 'test.finished', at: 1, testId, status: 'passed', durationMs: 5 });
const failed = (testId: string) => ({ ...passed(testId), status: 'failed' });
const post = (run: string, items: object[], query = '') => apps[0]!.call('POST', `${run}/results${query}`, items);
const describe = (run: string, more: object = {}) => apps[0]!.call('PUT', run, { quietAfterMs: 1000, ...more });
const streamOf = (run: string) => `run:shop/${run.split('/')[3]!}`;
const endsOf = async (run: string) =>
  (await apps[0]!.log(streamOf(run))).filter(([type]) => ['run.interrupted', 'run.finished'].includes(type));
const patient = { within: 20_000, every: 100 };
const ended = (run: string, times = 1) =>
  eventually(async () => {
    const ends = await endsOf(run);
    expect(ends).toHaveLength(times);
    return ends;
  }, patient);
const settled = (run: string) => eventually(() => apps[0]!.settledRun(run), patient);

it('a quiet run is interrupted while something is open or missing, and what comes late still counts', async () => {
  const [open, started, short] = [newRun(), newRun(), newRun()];
  for (const run of [open, started]) await describe(run);
  await describe(short, { expectedTests: 2 });
  await post(open, [{ kind: 'shard.started', at: 1, shardId: 's' }, passed('a')], '?shard=s');
  await post(started, [{ kind: 'test.started', at: 1, testId: 'a', attempt: 1 }]);
  await post(short, [passed('a')]);
  for (const run of [open, started, short]) {
    expect(await ended(run)).toEqual([['run.interrupted', { reason: 'quiet' }]]);
    expect(await settled(run)).toMatchObject({ status: 'interrupted', complete: false });
  }
  await post(short, [failed('b')]);
  expect(await settled(short)).toMatchObject({ status: 'failed', complete: true, counts: { tests: 2, failed: 1 } });
  expect(await endsOf(short)).toHaveLength(1);
});

it('a quiet run that lacks nothing is ended by its outcomes', async () => {
  const [good, bad] = [newRun(), newRun()];
  for (const run of [good, bad]) await describe(run);
  await post(good, [passed('a'), passed('b')]);
  await post(bad, [passed('a'), failed('b')]);
  expect(await ended(good)).toEqual([['run.finished', {}]]);
  expect(await ended(bad)).toEqual([['run.finished', {}]]);
  expect(await settled(good)).toMatchObject({ status: 'passed', complete: true });
  expect(await settled(bad)).toMatchObject({ status: 'failed', complete: true });
});

it('a crowd of quiet runs is ended by two projectors, each run once', async () => {
  const runs = Array.from({ length: 60 }, newRun);
  await Promise.all(runs.map((run) => describe(run)));
  await Promise.all(runs.map((run) => post(run, [passed('a')])));
  const ends = await Promise.all(runs.map((run) => ended(run)));
  expect(new Set(ends.flat().map(([type]) => type))).toEqual(new Set(['run.finished']));
}, 60_000);

it('a run that is opened again waits anew', async () => {
  const run = newRun();
  await describe(run, { expectedTests: 9 });
  await ended(run);
  await post(run, [passed('a')], '?rerun=2');
  expect((await ended(run, 2)).map(([type]) => type)).toEqual(['run.interrupted', 'run.interrupted']);
}, 60_000);

it('a deadline whose outcome was stored, but not seen before a crash, is acted upon again without another outcome', async () => {
  const run = newRun();
  await describe(run);
  await ended(run);
  const row = { sql: 'select open, due_at::float8 as due from saga_deadlines where key = $1', key: [streamOf(run)] };
  const database = apps[0]!.app.get(DataSource);
  const read = () => database.query<{ open: boolean; due: number }[]>(row.sql, row.key);
  await eventually(async () => expect(await read()).toMatchObject([{ open: false }]), patient);
  await database.query('update saga_deadlines set open = true, last_at = 1, due_at = 1 where key = $1', row.key);
  // Claimed again by somebody.
  await eventually(async () => expect((await read())[0]!.due).toBeGreaterThan(1), patient);
  await apps[0]!.app.get(CommandBus).execute(new EndQuietRun({ projectId: 'shop', runId: run.split('/')[3]! }, 3));
  expect(await endsOf(run)).toHaveLength(1);
});

it('a result that comes between the look and the end wins', async () => {
  const run = newRun();
  const ref = { projectId: 'shop', runId: run.split('/')[3]! };
  await apps[0]!.call('PUT', run, { expectedTests: 9 });
  await settled(run);
  await post(run, [passed('a')]);
  const { version } = await settled(run);
  const commands = apps[0]!.app.get(CommandBus);
  await commands.execute(new EndQuietRun(ref, version - 1));
  expect(await endsOf(run)).toEqual([]);
  await expect(commands.execute(new EndQuietRun(ref, version + 1))).rejects.toThrow(/not yet/);
  await Promise.all([1, 2, 3].map(() => commands.execute(new EndQuietRun(ref, version))));
  expect(await endsOf(run)).toEqual([['run.interrupted', { reason: 'quiet' }]]);
});

it('a run that says nothing of it may be quiet for half an hour, and output alone keeps it alive', async () => {
  const run = newRun();
  await apps[0]!.call('PUT', run);
  const output = { kind: 'output', at: 1, stream: 'stdout', seq: 1, text: 'still here' };
  const sent = Date.now();
  await post(run, [output]);
  const database = apps[0]!.app.get(DataSource);
  await eventually(async () => {
    const [row] = await database.query<Record<string, number>[]>(
      'select last_at::float8 as last, due_at::float8 as due, version::int from saga_deadlines where key = $1',
      [streamOf(run)],
    );
    expect(row!['version']).toBe(1);
    expect(row!['last']).toBeGreaterThanOrEqual(sent);
    expect(row!['due']).toBeGreaterThan(sent + 29 * 60_000);
  });
});
