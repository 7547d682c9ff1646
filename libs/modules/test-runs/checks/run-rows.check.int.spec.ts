import { randomUUID } from 'node:crypto';
import { rooms } from '@testcast/contracts';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { connectionOptions } from '#platform/database';
import { type Finding, LogVerifier, type NewEvent, PostgresEventStore, slotOf } from '#platform/event-store';
import { testKeyOf } from '#platform/kernel';
import { createDatabase, projectSlot } from '#platform/testing';
import { RunsProjection } from '../read-models/runs.projection.ts';
import { RunRowsCheck } from './run-rows.check.ts';

let database: DataSource;
let store: PostgresEventStore;
let stream: string;
let run: { projectId: string; runId: string };
beforeAll(async () => {
  database = await new DataSource(connectionOptions({ url: await createDatabase(), poolSize: 10 })).initialize();
  store = new PostgresEventStore(database);
});
afterAll(async () => {
  await store?.close();
  await database?.destroy();
});

const event = (type: string, data: object): NewEvent => ({
  eventId: randomUUID(),
  type,
  at: 1,
  data,
  lifecycle: !type.startsWith('test.'),
});
const finished = (testId: string, status: string): NewEvent => {
  const key = { testId, testKey: testKeyOf(testId, ''), variant: '', shardId: '', rerun: 1 };
  return event('test.finished', { ...key, attempt: 1, status, durationMs: 5, willRetry: false });
};

beforeEach(async () => {
  await database.query('truncate run_summaries_v1, run_tests_v1, parked_streams, discarded_events');
  run = { projectId: 'shop', runId: randomUUID() };
  stream = rooms.run(run.projectId, run.runId);
  const started = event('run.started', { ...run, implicit: false });
  await store.append({ stream, events: [started, finished('a', 'passed'), finished('b', 'failed')] });
  await project();
});

const project = (): Promise<void> => projectSlot({ database, store }, slotOf(stream), 'runs', new RunsProjection());

/** Of this run: the rows of others were taken away. */
async function findings(runs: number | 'all' = 'all'): Promise<Finding[]> {
  const found = await new LogVerifier(database, { readModels: [new RunRowsCheck(runs)] }).verify();
  return found.filter((one) => one.where === stream);
}

const damages: [damage: string, sql: string, problem: string][] = [
  ['a status', `update run_summaries_v1 set status = 'passed'`, 'it differs from what the log makes of it: status is'],
  [
    'a counter and the tests that agree with it',
    `update run_summaries_v1 set state = jsonb_set(state, '{failing}', '3')`,
    'it differs from what the log makes of it: state.failing is 3 and should be 1',
  ],
  [
    'the text that a run is searched by',
    `update run_summaries_v1 set search = 'x'`,
    'it differs from what the log makes of it: search is "x" and should be',
  ],
  ['a run that is gone', `delete from run_summaries_v1`, 'it has no row, and its events were read'],
  ['a test that is gone', `delete from run_tests_v1 where outcome = 'failed'`, 'has no row, and the log has results'],
  [
    'a test that nobody ran',
    `insert into run_tests_v1 select project_id, run_id, 'zz', outcome, search, version, row from run_tests_v1 limit 1`,
    'its test zz has a row, and the log has no such test',
  ],
  [
    'a test that is another',
    `update run_tests_v1 set row = jsonb_set(row::jsonb, '{attempts,0,durationMs}', '6') where outcome = 'passed'`,
    'row.attempts.0.durationMs is 6 and should be 5',
  ],
  [
    'a checkpoint that is past what was applied',
    `update projection_checkpoints c set position = s.position + 0 from slots s where s.slot = c.slot`,
    'state.counts.tests is 2 and should be 3',
  ],
];

it.each(damages)('finds %s', async (_, sql, problem) => {
  await store.append({ stream, events: [finished('c', 'passed')] });
  expect(await findings()).toEqual([]);
  await database.query(sql);
  expect((await findings()).map((one) => one.problem).join('\n')).toContain(problem);
});

it('takes a run as far as it has been read, also where an event was set aside or left out', async () => {
  await store.append({ stream, events: [finished('c', 'passed'), finished('d', 'passed')] });
  await database.query(
    `insert into parked_streams (projection, version, stream, slot, first_version, first_position, last_version, error)
     values ('runs', 1, $1, $2, 4, 4, 5, '{}')`,
    [stream, slotOf(stream)],
  );
  await database.query('update projection_checkpoints c set position = s.position from slots s where s.slot = c.slot');
  expect(await findings()).toEqual([]);
  await database.query('delete from parked_streams');
  expect(await findings()).toHaveLength(3);
  await database.query(
    `insert into discarded_events (projection, stream, version, error) select 'runs', $1, n, '{}'
    from generate_series(4, 5) n`,
    [stream],
  );
  expect(await findings()).toEqual([]);
});

it('expects no rows of a run that was erased', async () => {
  await database.query(`update events set data = '{"erased":true}'`);
  expect(await findings()).toContainEqual(
    expect.objectContaining({ problem: 'it has a row, and its events make none' }),
  );
  await store.append({ stream, events: [event('run.erased', {})] });
  // Only of a stream that takes no more may data be gone.
  await database.query('update streams set closed = true where stream = $1', [stream]);
  await project();
  expect(await findings()).toEqual([]);
});

it('is right about a run that is being written and projected, and says how many it has looked at', async () => {
  const done = new AbortController();
  const writing = (async () => {
    for (let n = 0; !done.signal.aborted; n++) {
      await store.append({ stream, events: [finished(`t${n % 40}`, n % 3 === 0 ? 'failed' : 'passed')] });
      await project();
    }
  })();
  for (let times = 0; times < 5; times++) expect(await findings()).toEqual([]);
  done.abort();
  await writing;
  const check = new RunRowsCheck(2);
  const shares: (number | undefined)[] = [];
  const onProgress = (progress: { check: string; done: number | undefined }): void => {
    if (progress.check === check.name) shares.push(progress.done);
  };
  await new LogVerifier(database, { readModels: [check], onProgress }).verify();
  expect(shares).toEqual([undefined, 0, 0.5]);
  expect(check.summary()).toMatch(/^The rows of 2 of \d+ runs were compared/);
});
