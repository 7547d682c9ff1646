import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rooms } from '@testcast/contracts';
import { register } from 'prom-client';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readRunExport } from '#modules/test-runs';
import { connectionOptions } from '#platform/database';
import { LogVerifier, PostgresEventStore } from '#platform/event-store';
import { notifies, PostgresCommitHint, Rebuilds } from '#platform/messaging';
import { createDatabase, eventually } from '#platform/testing';
import { type RunningProjector, startProjector } from './bootstrap.ts';

let databaseUrl: string;
let dataSource: DataSource;
let log: PostgresEventStore;
let exportDir: string;
const projectors: RunningProjector[] = [];
beforeAll(async () => {
  databaseUrl = await createDatabase();
  dataSource = await new DataSource(connectionOptions({ url: databaseUrl })).initialize();
  log = new PostgresEventStore(dataSource);
  exportDir = await mkdtemp(path.join(tmpdir(), 'testcast-exports-'));
});
afterAll(async () => {
  await Promise.all(projectors.map((projector) => projector.stop()));
  register.clear();
  await log?.close();
  await dataSource?.destroy();
  await rm(exportDir, { recursive: true, force: true });
});

async function newProjector(settings: { exportDir?: string } = {}): Promise<RunningProjector> {
  const projector = await startProjector(
    { databaseUrl, host: '127.0.0.1', metricsPort: 0, logLevel: 'fatal', ...settings },
    { logger: false, hint: new PostgresCommitHint(databaseUrl), sendHint: (app) => notifies(app.get(DataSource)) },
  );
  projectors.push(projector);
  return projector;
}

async function endedRun(): Promise<string> {
  const runId = randomUUID();
  const at = Date.now();
  const told = (type: string, data: object) => ({ eventId: randomUUID(), type, at, data, lifecycle: true });
  const test = { testKey: 'k'.repeat(16), testId: 'a', variant: '', shardId: '', rerun: 1, attempt: 1, title: 'a' };
  const result = { ...test, suite: [], status: 'passed', durationMs: 5 };
  await log.append({
    stream: rooms.run('shop', runId),
    events: [
      told('run.started', { projectId: 'shop', runId, implicit: false }),
      { eventId: randomUUID(), type: 'test.finished', at, data: result },
      told('run.finished', {}),
    ],
  });
  return runId;
}

const count = async (table: string, where = 'true'): Promise<number> => {
  const [row] = await dataSource.query<[{ rows: number }]>(`select count(*)::int as rows from ${table} where ${where}`);
  return row.rows;
};
const resultsOfDay = async (): Promise<number> => {
  const [row] = await dataSource.query<[{ results: number }]>('select sum(results)::int as results from trend_days');
  return row.results;
};

it('two projectors erase what is old, each run once, and nothing else; trends stay', async () => {
  await dataSource.query(
    `insert into projects (project_id, name, created_at, retention_days) values ('shop', 'Shop', now(), 30)`,
  );
  const old = await Promise.all(Array.from({ length: 6 }, endedRun));
  const young = await endedRun();
  const first = await newProjector();
  await eventually(async () => expect(await count('run_summaries', 'end_offset is not null')).toBe(7), {
    within: 20_000,
  });
  await eventually(async () => expect(await resultsOfDay()).toBe(7), { within: 20_000 });
  await first.stop();
  projectors.length = 0;
  // As if they had been over for 40 days: the clock is the database's own.
  await dataSource.query(
    `update run_summaries_v1 set started_at = started_at - $2::bigint,
       state = jsonb_set(state, '{lastEventAt}', to_jsonb((state ->> 'lastEventAt')::bigint - $2::bigint))
     where run_id = any ($1)`,
    [old, 40 * 86_400_000],
  );
  register.clear();

  const [one] = [await newProjector({ exportDir }), await newProjector({ exportDir })];
  await eventually(async () => expect(await count('run_erasures', `step = 'erased'`)).toBe(6), { within: 30_000 });
  await eventually(async () => expect(await count('run_summaries')).toBe(1));
  expect(await count('run_tests', `run_id = '${young}'`)).toBe(1);
  expect(await count('trend_tests')).toBe(1);
  expect(await resultsOfDay()).toBe(7);

  const files = await readdir(path.join(exportDir, 'shop'));
  const counts = await Promise.all(files.map((file) => readRunExport(path.join(exportDir, 'shop', file))));
  expect(counts.map(({ runId, events }) => `${runId} ${events}`).sort()).toEqual(
    old.map((runId) => `${runId} 3`).sort(),
  );
  expect(await readdir(path.join(exportDir, '.parts'))).toEqual([]);
  expect(await new LogVerifier(dataSource).verify()).toEqual([]);
  // Both count into the registry of this process.
  const metrics = await (await fetch(`${one.url}/metrics`)).text();
  expect(metrics).toMatch(/^testcast_runs_exported_total 6$/m);
  expect(metrics).toMatch(/^testcast_runs_erased_total 6$/m);
  expect(metrics).toMatch(/^testcast_run_erasure_failures_total 0$/m);
  expect(Number(/^testcast_run_export_bytes_total (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(600);

  // What nobody can count again is taken over, and what comes later is counted as ever.
  const rebuilds = new Rebuilds(dataSource, log);
  const number = await rebuilds.order('trends');
  const trends = async () => (await rebuilds.status()).find(({ name }) => name === 'trends');
  await eventually(async () => expect(await trends()).toMatchObject({ build: number }), { within: 30_000 });
  expect(await resultsOfDay()).toBe(7);
  expect(await count('trend_tests')).toBe(1);
  await endedRun();
  await eventually(async () => expect(await resultsOfDay()).toBe(8), { within: 20_000 });
}, 120_000);
