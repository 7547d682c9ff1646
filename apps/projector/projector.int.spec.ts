import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { register } from 'prom-client';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { rooms } from '@testcast/contracts';
import { connectionOptions } from '#platform/database';
import { PostgresEventStore } from '#platform/event-store';
import { CommitHintSender, notifies, PostgresCommitHint } from '#platform/messaging';
import { createDatabase, eventually } from '#platform/testing';
import { type RunningProjector, startProjector } from './bootstrap.ts';

let databaseUrl: string;
let dataSource: DataSource;
let log: PostgresEventStore;
const stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  databaseUrl = await createDatabase();
  dataSource = await new DataSource(connectionOptions({ url: databaseUrl })).initialize();
  log = new PostgresEventStore(dataSource);
});
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
  register.clear();
});
afterAll(async () => {
  await log?.close();
  await dataSource?.destroy();
});

async function newTestProjector(): Promise<RunningProjector> {
  const projector = await startProjector(
    { databaseUrl, host: '127.0.0.1', metricsPort: 0, logLevel: 'fatal' },
    {
      logger: false,
      hint: new PostgresCommitHint(databaseUrl),
      sendHint: (app) => notifies(app.get(DataSource)),
    },
  );
  stops.push(() => projector.stop());
  return projector;
}

async function startRuns(count: number): Promise<string[]> {
  const runIds = Array.from({ length: count }, () => randomUUID());
  await Promise.all(
    runIds.map((runId) => {
      const data = { projectId: 'shop', runId, implicit: false };
      const started = { eventId: randomUUID(), type: 'run.started', at: 1, data, lifecycle: true };
      return log.append({ stream: rooms.run('shop', runId), expected: { version: 0 }, events: [started] });
    }),
  );
  return runIds;
}

async function checkpoints(): Promise<number[]> {
  const rows = await dataSource.query<{ position: number }[]>(
    `select position::int as position from projection_checkpoints where projection = 'runs' order by slot`,
  );
  return rows.map(({ position }) => position);
}

it('brings the read models to where the log is, from before its start and after it', async () => {
  await startRuns(30);
  await newTestProjector();
  const sender = new CommitHintSender(log, notifies(dataSource));
  sender.start();
  stops.push(async () => sender.stop());
  await startRuns(30);
  await eventually(async () => expect(await checkpoints()).toEqual((await log.heads()).positions));
  const [{ count }] = await dataSource.query<[{ count: number }]>('select count(*)::int as count from run_summaries');
  expect(count).toBe(60);
});

it('serves its metrics and its health', async () => {
  const projector = await newTestProjector();
  const live = await fetch(`${projector.url}/health/live`);
  expect([live.status, await live.json()]).toEqual([200, { status: 'ok' }]);
  const ready = await fetch(`${projector.url}/health/ready`);
  expect(await ready.json()).toEqual({ ready: true, checks: { projections: 'ok', running: 'ok', database: 'ok' } });
  const metrics = await (await fetch(`${projector.url}/metrics`)).text();
  expect(metrics).toContain('testcast_projection_stopped{projection="runs"} 0');
  expect(metrics).toContain('testcast_parked_streams{projection="runs"} 0');
});

it('shares the work with a second projector on the same database', async () => {
  await newTestProjector();
  await newTestProjector();
  const before = await dataSource.query<[{ count: number }]>('select count(*)::int as count from run_summaries');
  await startRuns(100);
  await eventually(async () => expect(await checkpoints()).toEqual((await log.heads()).positions));
  const after = await dataSource.query<[{ count: number }]>('select count(*)::int as count from run_summaries');
  expect(after[0].count - before[0].count).toBe(100);
});

it('leaves no connection behind', async () => {
  const projector = await newTestProjector();
  await projector.stop();
  await eventually(async () => {
    const left = await dataSource.query<unknown[]>(
      `select pid from pg_stat_activity
       where datname = current_database() and application_name in ('testcast-projector', 'testcast-hints')`,
    );
    expect(left).toEqual([]);
  });
});
