import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ItemResult, RunRef } from '@testcast/contracts';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dataOf, EventStore, LogVerifier } from '#platform/event-store';
import { Rebuilds } from '#platform/messaging';
import { createDatabase, eventually } from '#platform/testing';
import { RunCountersCheck } from '../checks/run-counters.check.ts';
import type { StoredRunEvent } from '../domain/summary-state.ts';
import { summaryOf } from '../domain/summary.ts';
import { RunningApp } from '../fixtures/running-app.ts';
import { Erasures } from './erasures.ts';
import { readRunExport } from './read-run-export.ts';
import { RunEraser, type RunEraserOptions } from './run-eraser.ts';
import { exportFileOf } from './run-export.ts';

let server: RunningApp;
let database: DataSource;
let store: EventStore;
let erasures: Erasures;
let exportDir: string;
beforeAll(async () => {
  server = await RunningApp.start(await createDatabase());
  database = server.app.get(DataSource);
  store = server.app.get(EventStore);
  erasures = new Erasures(database);
  exportDir = await mkdtemp(path.join(tmpdir(), 'testcast-exports-'));
  // Nobody keeps trends here, so nobody would ever have read them.
  await database.query(`delete from projection_checkpoints where projection = 'trends'`);
  await database.query(`delete from projection_builds where projection = 'trends'`);
});
afterAll(async () => {
  await server?.stop();
  await rm(exportDir, { recursive: true, force: true });
});

const eraser = (more: Partial<RunEraserOptions> = {}) =>
  new RunEraser(database, store, { exportDir, now: Date.now, ...more });
const pathOf = ({ projectId, runId }: RunRef) => `projects/${projectId}/runs/${runId}`;
const streamOf = ({ projectId, runId }: RunRef) => `run:${projectId}/${runId}`;
const failed = (testId: string) => ({
  kind: 'test.finished',
  at: 1,
  testId,
  attempt: 1,
  status: 'failed',
  durationMs: 5,
  error: { message: 'no', stack: 'at x' },
});
const output = (testId: string, seq: number) => ({ kind: 'output', at: 1, testId, stream: 'stdout', seq, text: 'hi' });

/** A run with tests, details and output, that has ended and whose rows are there. */
async function endedRun(): Promise<RunRef> {
  const ref = { projectId: 'shop', runId: randomUUID() };
  await server.call('PUT', pathOf(ref), { branch: 'main', author: 'Ada' });
  await server.call('POST', `${pathOf(ref)}/results?shard=s`, [
    { kind: 'test.planned', at: 1, testId: 'a', title: 'a', suite: [] },
    failed('a'),
    { ...failed('a'), attempt: 2, status: 'passed' },
    failed('b'),
    output('a', 0),
    output('b', 0),
    output('b', 1),
  ]);
  await server.call('POST', `${pathOf(ref)}/finish`);
  await eventually(() => server.settledRun(pathOf(ref)));
  return ref;
}

/** Until nothing is left, as the projectors' rounds do. */
async function eraseFully(ref: RunRef, by = eraser()): Promise<void> {
  await eventually(
    async () => {
      // A claim that was left behind has run out.
      await database.query('update run_erasures set due_at = now() where run_id = $1', [ref.runId]);
      const claimed = await by.erasures.claimOf(ref);
      const outcome = claimed === undefined ? 'not claimed' : await by.carryOut(claimed);
      expect({ outcome, ...(await by.erasures.find(ref)) }).toMatchObject({ step: 'erased' });
    },
    { within: 10_000 },
  );
}

async function rowsOf({ runId }: RunRef) {
  const [run] = await database.query<{ state: object }[]>('select state from run_summaries where run_id = $1', [runId]);
  const tests = await database.query<{ row: object }[]>(
    'select row from run_tests where run_id = $1 order by test_key',
    [runId],
  );
  return { state: run?.state, rows: tests.map(({ row }) => row) };
}

const codeOf = async (method: string, url: string, body?: unknown) => {
  const { status, body: answer } = await server.call<object>(method, url, body);
  return [status, answer.error?.code];
};

it('what is exported folds to the rows that there were, and what is left of the run says that it was erased', async () => {
  const ref = await endedRun();
  const rows = await rowsOf(ref);
  await eraser().plan(ref);
  await eraseFully(ref);

  const events: StoredRunEvent[] = [];
  const counts = await readRunExport(path.join(exportDir, exportFileOf(ref)), ({ stream, version, ...event }) => {
    if (stream === streamOf(ref)) events.push({ ...event, offset: version } as unknown as StoredRunEvent);
  });
  expect(counts).toMatchObject({
    ...ref,
    streams: 3,
    events: 10,
    details: 3,
    types: { output: 3, 'test.finished': 3 },
  });
  const folded = summaryOf(ref.projectId, ref.runId, events);
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  expect(plain(folded.state)).toEqual(rows.state);
  const byKey = [...folded.rows.values()].sort((a, b) => (a.testKey < b.testKey ? -1 : 1));
  expect(plain(byKey)).toEqual(rows.rows);

  await eventually(async () => expect(await rowsOf(ref)).toEqual({ state: undefined, rows: [] }));
  const { events: left } = await store.readStream(streamOf(ref), 0);
  expect(left.map(({ dataJson }) => dataJson)).toEqual([...Array<string>(7).fill('{"erased":true}'), '{"events":10}']);
  expect(left.at(-1)).toMatchObject({ type: 'run.erased', version: 8 });
  const [leaked] = await database.query<[{ count: string }]>(
    `select count(*) from events e join streams st using (stream_no)
     where st.stream like '%' || $1 || '%' and (detail is not null or data like '%hi%' or data like '%Ada%')`,
    [ref.runId],
  );
  expect(leaked.count).toBe('0');
  expect(await new LogVerifier(database, { readModels: [new RunCountersCheck()] }).verify()).toEqual([]);
});

it('a run that was erased answers 410, and refuses each result by itself', async () => {
  const ref = await endedRun();
  const url = pathOf(ref);
  const { items } = (await server.call<{ items: { testKey: string }[] }>('GET', `${url}/tests`)).body;
  await eraser().plan(ref);
  await eraseFully(ref);
  await eventually(async () => expect(await codeOf('GET', url)).toEqual([410, 'run.erased']));
  const erased = [410, 'run.erased'];
  expect(await codeOf('GET', `${url}/tests`)).toEqual(erased);
  expect(await codeOf('GET', `${url}/tests/${items[0]!.testKey}`)).toEqual(erased);
  expect(await codeOf('PUT', url, { name: 'again' })).toEqual(erased);
  expect(await codeOf('POST', `${url}/finish`)).toEqual(erased);
  expect(await codeOf('POST', `${url}/cancel`)).toEqual(erased);
  const reported = [
    failed('new'),
    output('new', 0),
    { kind: 'shard.started', shardId: 't', at: 1 },
    { kind: 'nonsense' },
  ];
  for (const query of ['', '?rerun=2', '?shard=s']) {
    const { status, body } = await server.call<{ results: ItemResult[] }>('POST', `${url}/results${query}`, reported);
    expect(status).toBe(200);
    const codes = body.results.map((result) => result.status === 'rejected' && result.error.code);
    expect(codes).toEqual(['run.erased', 'run.erased', 'run.erased', 'item.invalid']);
  }
  const { body: list } = await server.call<{ items: RunRef[] }>('GET', 'projects/shop/runs?limit=200');
  expect(list.items.map(({ runId }) => runId)).not.toContain(ref.runId);
});

const points = [
  'closed, not noted',
  'closed',
  'exporting',
  'exported, not noted',
  'exported',
  'told, not noted',
  'told',
  'erasing',
  'erased, not noted',
  'erased',
];
it.each(points)('whoever is killed at "%s" leaves what the next one finishes', async (point) => {
  const ref = await endedRun();
  await eraser().plan(ref);
  // The second time where there is one: in the middle of what takes longer.
  let times = point === 'exporting' || point === 'erasing' ? 2 : 1;
  const killed = eraser({
    at: (reached) => {
      if (reached === point && --times === 0) throw new Error('killed');
    },
  });
  await eventually(async () => {
    await database.query('update run_erasures set due_at = now() where run_id = $1', [ref.runId]);
    await expect(killed.carryOut((await killed.erasures.claimOf(ref))!)).rejects.toThrow('killed');
  });
  const file = path.join(exportDir, exportFileOf(ref));
  const digest = async () =>
    createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
  // Where there was no file yet there is nothing that it must be the same as.
  const before = await digest().catch(() => undefined);
  await eraseFully(ref);
  expect(before ?? (await digest())).toBe(await digest());
  expect(await readRunExport(file)).toMatchObject({ events: 10 });
  const { events } = await store.readStream(streamOf(ref), 0);
  expect(events.filter(({ type }) => type === 'run.erased')).toHaveLength(1);
  expect(events.slice(0, -1).every((event) => dataOf<{ erased: boolean }>(event).erased)).toBe(true);
  await eventually(async () => expect(await codeOf('GET', pathOf(ref))).toEqual([410, 'run.erased']));
});

it('a result that comes while the run is exported is refused, and one that came before keeps the run', async () => {
  const ref = await endedRun();
  const refused: unknown[] = [];
  await eraser().plan(ref);
  const late = () =>
    server.call<{ results: ItemResult[] }>('POST', `${pathOf(ref)}/results`, [failed('late'), output('late', 7)]);
  const exporting = eraser({
    at: async (point) => {
      if (point === 'exporting') refused.push(...(await late()).body.results);
    },
  });
  await eraseFully(ref, exporting);
  expect(refused.length).toBeGreaterThan(0);
  for (const result of refused) expect(result).toMatchObject({ status: 'rejected', error: { code: 'run.erased' } });

  const kept = await endedRun();
  await eraser().plan(kept);
  await server.call('POST', `${pathOf(kept)}/results`, [failed('late')]);
  expect(await eraser().carryOut((await erasures.claimOf(kept))!)).toBe('overtaken');
  expect(await erasures.find(kept)).toBeUndefined();
  expect((await eventually(() => server.settledRun(pathOf(kept)))).counts.tests).toBe(3);
});

it('only runs that have ended are due, and one that was opened again counts from its new end', async () => {
  const [ended, reopened] = [await endedRun(), await endedRun()];
  const running = { projectId: 'shop', runId: randomUUID() };
  await server.call('PUT', pathOf(running), {});
  const planned = async () =>
    (await database.query<{ run_id: string }[]>(`select run_id from run_erasures where step = 'planned'`)).map(
      (row) => row.run_id,
    );
  // Whatever is older than this moment is due.
  const moment = Date.now() + 1;
  await eventually(async () => expect(Date.now()).toBeGreaterThan(moment + 50));
  await server.call('POST', `${pathOf(reopened)}/results?rerun=2`, [failed('a')]);
  await server.call('POST', `${pathOf(reopened)}/finish`);
  for (const ref of [reopened, running]) await eventually(() => server.settledRun(pathOf(ref)));
  await erasures.planDue('shop', moment, 100);
  expect(await planned()).toContain(ended.runId);
  expect(await planned()).not.toContain(reopened.runId);
  expect(await planned()).not.toContain(running.runId);
  await erasures.planDue('shop', Date.now() + 60_000, 100);
  expect(await planned()).toContain(reopened.runId);
  expect(await planned()).not.toContain(running.runId);
  await expect(eraser().plan(running)).rejects.toThrow('still running');
  await expect(eraser().plan({ projectId: 'shop', runId: 'never' })).rejects.toMatchObject({ code: 'run.unknown' });
  await database.query(`delete from run_erasures where step = 'planned'`);
});

it('of several workers each claims another run, and who has lost a claim changes nothing any more', async () => {
  const refs = [await endedRun(), await endedRun()];
  for (const ref of refs) await eraser().plan(ref);
  const [first, second, third] = [await erasures.claim(), await erasures.claim(), await erasures.claim()];
  expect([first!.runId, second!.runId].sort()).toEqual(refs.map(({ runId }) => runId).sort());
  expect(third).toBeUndefined();
  await database.query('update run_erasures set due_at = now() where run_id = $1', [first!.runId]);
  const heir = (await erasures.claim())!;
  expect(heir.runId).toBe(first!.runId);
  await expect(erasures.reach(first!, 'closed')).rejects.toThrow('another process has taken over');
  await erasures.putOff(first!, 0);
  expect(await erasures.find(first!)).toMatchObject({ claim: heir.claim });
  for (const ref of refs) await eraseFully(ref);
});

it('rows that are rebuilt from a log with erased runs are the rows that there were', async () => {
  const all = () => database.query<object[]>('select * from run_summaries order by project_id, run_id');
  const tests = () => database.query<object[]>('select * from run_tests order by project_id, run_id, test_key');
  const gone = await endedRun();
  await eraser().plan(gone);
  await eraseFully(gone);
  await eventually(async () => expect(await rowsOf(gone)).toMatchObject({ state: undefined }));
  const before = [await all(), await tests()];
  const rebuilds = new Rebuilds(database, store);
  const liveBuild = async () => (await rebuilds.status()).find(({ name }) => name === 'runs')!.build;
  const build = await liveBuild();
  await rebuilds.order('runs');
  await eventually(async () => expect(await liveBuild()).toBeGreaterThan(build), { within: 20_000 });
  expect([await all(), await tests()]).toEqual(before);
}, 30_000);

it('a file that is cut off or changed is refused with what is wrong', async () => {
  const ref = await endedRun();
  await eraser().plan(ref);
  await eraseFully(ref);
  const whole = await readFile(path.join(exportDir, exportFileOf(ref)));
  const cut = path.join(exportDir, 'cut.gz');
  await writeFile(cut, whole.subarray(0, whole.length - 20));
  await expect(readRunExport(cut)).rejects.toThrow(/cannot be read|no whole export/);
  await writeFile(cut, 'plain text');
  await expect(readRunExport(cut)).rejects.toThrow('cannot be read');
});
