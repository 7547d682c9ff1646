import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { ItemResult, RunSummary, ServerFrame } from '@testcast/contracts';
import { DataSource } from 'typeorm';
import { WebSocket } from 'ws';
import { EventStore } from '#platform/event-store';
import { createDatabase, eventually } from '#platform/testing';
import { keyFor } from '../fixtures/access-in-memory.ts';
import { RunningApp } from '../fixtures/running-app.ts';
import { RoomRows } from '../queries/room-rows.ts';
import { RunEraser } from '../retention/run-eraser.ts';

let server: RunningApp;
beforeAll(async () => {
  server = await RunningApp.start(await createDatabase());
});
afterAll(async () => {
  await server?.stop();
});

/** A socket that keeps what it was sent. */
class Watcher {
  readonly frames: ServerFrame[] = [];
  private sent = 0;

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data) => this.frames.push(JSON.parse((data as Buffer).toString('utf8')) as ServerFrame));
  }

  static async connect(key: string): Promise<Watcher> {
    const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/stream`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const watcher = new Watcher(socket);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return watcher;
  }

  async ask<T>(type: string, data: object): Promise<T> {
    const id = (this.sent += 1);
    this.socket.send(JSON.stringify({ id, type, data }));
    const reply = await eventually(
      () => {
        const found = this.frames.find((frame) => 'id' in frame && frame.id === id);
        if (found === undefined) throw new Error('no reply yet');
        return found;
      },
      { message: `the reply to ${type}` },
    );
    return ('data' in reply ? reply.data : reply) as T;
  }

  events(room: string): string[] {
    return this.frames.flatMap((frame) =>
      frame.type === 'events' && frame.room === room ? frame.events.map(({ type }) => type) : [],
    );
  }

  /** The last value of each key of a state room. */
  state(room: string): Map<string, RunSummary | null> {
    const items = this.frames.flatMap((frame) => (frame.type === 'state' && frame.room === room ? frame.items : []));
    return new Map(items.map(({ key, value }) => [key, value as RunSummary | null]));
  }

  close(): void {
    this.socket.terminate();
  }
}

const watchers: Watcher[] = [];
async function watch(key = keyFor({ '*': 'admin' })): Promise<Watcher> {
  const watcher = await Watcher.connect(key);
  watchers.push(watcher);
  return watcher;
}
afterEach(() => {
  for (const watcher of watchers.splice(0)) watcher.close();
});

const passed = (testId: string) => ({ kind: 'test.finished', at: 1, testId, status: 'passed', durationMs: 5 });

it('a run is started, reported, finished and cancelled over the socket as over HTTP', async () => {
  const socket = await watch();
  const run = { projectId: 'shop', runId: randomUUID() };
  expect(await socket.ask('run.start', { ...run, branch: 'main' })).toEqual({ offset: 1 });
  expect(await socket.ask('run.start', run)).toEqual({ offset: 1, joined: true });
  const { results } = await socket.ask<{ results: ItemResult[] }>('results.report', {
    ...run,
    shardId: 's',
    items: [passed('a'), 7],
  });
  expect(results).toMatchObject([
    { index: 0, status: 'appended', offset: 3 },
    { index: 1, status: 'rejected' },
  ]);
  expect(await socket.ask('run.finish', { ...run, status: 'passed' })).toEqual({ offset: 4 });
  expect(await socket.ask('run.cancel', run)).toMatchObject({
    error: { code: 'run.already-ended', details: { offset: 4 } },
  });
});

it('who may only read cannot write, and learns nothing of what exists', async () => {
  const socket = await watch(keyFor({ shop: 'read' }));
  for (const projectId of ['shop', 'no-such']) {
    const run = { projectId, runId: 'r' };
    for (const [type, data] of [
      ['run.start', run],
      ['run.finish', run],
      ['run.cancel', run],
      ['results.report', { ...run, items: [] }],
    ] as const) {
      expect(await socket.ask(type, data)).toMatchObject({ error: { code: 'auth.forbidden' } });
    }
  }
});

it('the room of a run shows every event, of the run to come too', async () => {
  const socket = await watch();
  const runId = randomUUID();
  const room = `run:shop/${runId}`;
  expect(await socket.ask('room.subscribe', { room })).toMatchObject({ room, kind: 'stream', offset: 0 });
  await server.call('POST', `projects/shop/runs/${runId}/results`, [
    passed('a'),
    { kind: 'output', at: 1, stream: 'stdout', seq: 0, text: 'hi' },
  ]);
  await server.call('POST', `projects/shop/runs/${runId}/finish`);
  await eventually(() => expect(socket.events(room)).toEqual(['run.started', 'test.finished', 'run.finished']));
});

it('the rooms of a project and of a run show the latest summary', async () => {
  const socket = await watch();
  const runId = randomUUID();
  await socket.ask('room.subscribe', { room: 'project:shop' });
  await socket.ask('room.subscribe', { room: `run-summary:shop/${runId}` });
  await server.call('POST', `projects/shop/runs/${runId}/results`, [passed('a')]);
  await server.call('POST', `projects/shop/runs/${runId}/finish`);
  for (const room of ['project:shop', `run-summary:shop/${runId}`]) {
    await eventually(() =>
      expect(socket.state(room).get(runId)).toMatchObject({ status: 'passed', counts: { passed: 1 }, version: 3 }),
    );
  }
  const late = await watch();
  await late.ask('room.subscribe', { room: 'project:shop' });
  await eventually(() => expect(late.state('project:shop').get(runId)).toMatchObject({ status: 'passed' }));
});

it('the room of a project holds its newest 50 runs and those that run', async () => {
  const runs = Array.from({ length: 53 }, (_, at) => `projects/busy/runs/r${String(at).padStart(2, '0')}`);
  for (const [at, run] of runs.entries()) {
    await server.call('PUT', run);
    if (at > 0) await server.call('POST', `${run}/cancel`);
  }
  for (const run of runs) await eventually(() => server.settledRun(run));
  const socket = await watch();
  await socket.ask('room.subscribe', { room: 'project:busy' });
  await eventually(() => expect(socket.state('project:busy').size).toBe(51));
  expect([...socket.state('project:busy').keys()].sort()).toEqual([
    'r00',
    ...runs.slice(3).map((run) => run.slice(-3)),
  ]);
  expect(await socket.ask('room.subscribe', { room: 'project:NO' })).toMatchObject({ error: { code: 'room.unknown' } });
});

it('the room of newest runs shows the one of each project, and what has begun meanwhile', async () => {
  const socket = await watch(keyFor({ '*': 'read' }));
  await server.call('PUT', 'projects/first-known/runs/a');
  await server.call('PUT', 'projects/second-known/runs/a');
  await socket.ask('room.subscribe', { room: 'newest-runs' });
  const newest = () => socket.state('newest-runs');
  await eventually(() => expect(newest().get('first-known/a')).toMatchObject({ status: 'running' }));
  await eventually(() => expect(newest().get('second-known/a')).toMatchObject({ status: 'running' }));

  await server.call('PUT', 'projects/new-here/runs/a');
  await eventually(() => expect(newest().get('new-here/a')).toMatchObject({ projectId: 'new-here', version: 1 }));
  await server.call('PUT', 'projects/first-known/runs/b');
  await eventually(() => expect(newest().get('first-known/b')).toMatchObject({ status: 'running' }));
  // What still comes of the run before shows that it is the newest no longer.
  await server.call('POST', 'projects/first-known/runs/a/finish');
  await eventually(() => expect(newest().get('first-known/a')).toBeNull());
  await server.call('POST', 'projects/second-known/runs/a/results', [passed('a')]);
  await eventually(() => expect(newest().get('second-known/a')).toMatchObject({ counts: { passed: 1 } }));

  const late = await watch();
  await late.ask('room.subscribe', { room: 'newest-runs' });
  await eventually(() => {
    const keys = [...late.state('newest-runs').keys()].filter((key) => /^(first|second)-known|^new-here/.test(key));
    expect(keys.sort()).toEqual(['first-known/b', 'new-here/a', 'second-known/a']);
  });
});

it('the room of newest runs is told nothing of projects that its window has no place for', async () => {
  for (const project of ['0-first', '0-second', '0-third']) await server.call('PUT', `projects/${project}/runs/a`);
  const rows = new RoomRows(server.app.get(DataSource));
  const keysOf = (items: readonly { key: string }[]) => items.map(({ key }) => key);
  await eventually(async () => expect(keysOf(await rows.newestRuns(3))).toContain('0-third/a'));
  const all = ['0-first/a', '0-second/a', '0-third/a'];
  expect(keysOf((await rows.ofNewestRuns(all, [])).items).sort()).toEqual(all);
  expect(keysOf(await rows.newestRuns(2))).toEqual(['0-first/a', '0-second/a']);
  expect(keysOf((await rows.ofNewestRuns(all, [])).items).sort()).toEqual(['0-first/a', '0-second/a']);
});

it('who is in a room of a run that is erased is told, and nobody gets in any more', async () => {
  const socket = await watch();
  const ref = { projectId: 'shop', runId: randomUUID() };
  const run = `projects/shop/runs/${ref.runId}`;
  const [room, summary] = [`run:shop/${ref.runId}`, `run-summary:shop/${ref.runId}`];
  await server.call('POST', `${run}/results`, [passed('a')]);
  await server.call('POST', `${run}/finish`);
  await eventually(() => server.settledRun(run));
  const { epoch } = await socket.ask<{ epoch: string }>('room.subscribe', { room });
  for (const name of [summary, 'project:shop']) {
    await socket.ask('room.subscribe', { room: name });
    await eventually(() => expect(socket.state(name).get(ref.runId)).toMatchObject({ status: 'passed' }));
  }

  const exportDir = await mkdtemp(path.join(tmpdir(), 'testcast-exports-'));
  const eraser = new RunEraser(server.app.get(DataSource), server.app.get(EventStore), { exportDir, now: Date.now });
  await eraser.plan(ref);
  // Trends are not kept here: the data waits for them. Rooms end before it goes.
  expect(await eraser.carryOut((await eraser.erasures.claimOf(ref))!)).toBe('waiting');
  await rm(exportDir, { recursive: true });

  const reset = { type: 'reset', room, reason: 'erased' };
  await eventually(() => expect(socket.frames).toContainEqual(expect.objectContaining(reset)));
  for (const name of [summary, 'project:shop']) {
    await eventually(() => expect(socket.state(name).get(ref.runId)).toBeNull());
  }
  const late = await watch();
  for (const data of [{ room }, { room, offset: 1, epoch }, { room: summary }]) {
    expect(await late.ask('room.subscribe', data)).toMatchObject({ error: { code: 'room.gone', temporary: false } });
  }
  expect(await socket.ask('room.subscribe', { room: 'project:shop' })).toMatchObject({ kind: 'state' });
});
