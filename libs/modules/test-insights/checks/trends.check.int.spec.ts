import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { type RunEvent, rooms } from '@testcast/contracts';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { connectionOptions } from '#platform/database';
import { type Finding, LogVerifier, PostgresEventStore, slotOf } from '#platform/event-store';
import { createDatabase, projectSlot } from '#platform/testing';
import { anyAttempt } from '../fixtures/random-events.ts';
import { TrendsProjection } from '../read-models/trends.projection.ts';
import { TrendsCheck } from './trends.check.ts';

const dayMs = 86_400_000;
let database: DataSource;
let store: PostgresEventStore;
let projectId: string;

beforeAll(async () => {
  database = await new DataSource(connectionOptions({ url: await createDatabase(), poolSize: 10 })).initialize();
  store = new PostgresEventStore(database);
});
afterAll(async () => {
  await store?.close();
  await database?.destroy();
});
beforeEach(() => {
  projectId = `p-${randomUUID()}`;
});

const attempts = (around: number, seed: number): RunEvent[] => fc.sample(anyAttempt(around), { numRuns: 60, seed });

/** A run whose events happened, and were recorded, so many days ago. @returns its stream */
async function appendRun(daysAgo: number, seed: number): Promise<string> {
  const stream = rooms.run(projectId, randomUUID());
  const at = Date.now() - daysAgo * dayMs;
  await store.append({ stream, events: attempts(at, seed).map((event) => ({ ...event, eventId: randomUUID() })) });
  await database.query(
    `update events set recorded_at = $2
     where stream_no = (select stream_no from streams where stream = $1)`,
    [stream, at],
  );
  return stream;
}

const project = (stream: string): Promise<void> =>
  projectSlot({ database, store }, slotOf(stream), 'trends', new TrendsProjection());

async function findings(check = new TrendsCheck('all')): Promise<Finding[]> {
  const found = await new LogVerifier(database, { readModels: [check] }).verify();
  return found.filter(({ where }) => where === projectId);
}

it('finds nothing where runs of several days were counted, as far as they were read', async () => {
  for (const [seed, daysAgo] of [0, 0, 1, 4, 90, 900].entries()) await project(await appendRun(daysAgo, seed));
  await appendRun(0, 9);
  expect(await findings()).toEqual([]);
});

const damages: [damage: string, sql: string, problem: RegExp][] = [
  ['a counter', `update trend_hours_v1 set passed = passed + 1`, /its hour .* differs: passed is \d+ and should be/],
  [
    'a histogram',
    `update trend_days_v1 set durations[3] = durations[3] + 1`,
    /its day [\d-]+ differs: durations is \{/,
  ],
  ['the workers of a day', `update trend_days_v1 set workers = workers + 1`, /its day .* differs: workers is/],
  ['a minute that is gone', `delete from trend_minutes_v1`, /its minute .* workers is 0 and should be [1-9]/],
  [
    'an hour in which nothing happened',
    `insert into trend_hours_v1 select project_id, date_trunc('hour', now()) - interval '9 days', 1, 1, 0, 0, 0, 1, 0, durations
     from trend_hours_v1 where project_id = '?' limit 1`,
    /its hour .* results is 1 and should be 0/,
  ],
];

it.each(damages)('finds %s', async (_, sql, problem) => {
  await project(await appendRun(1, 3));
  expect(await findings()).toEqual([]);
  const where = sql.includes('where') ? '' : ` where project_id = '${projectId}'`;
  await database.query(sql.replace('?', projectId) + where);
  expect((await findings()).map((one) => one.problem).join('\n')).toMatch(problem);
});

it('takes buckets for granted up to the day after what was erased, and compares those that follow', async () => {
  const old = await appendRun(5, 1);
  await project(old);
  await project(await appendRun(1, 2));
  await database.query(
    `update events set data = '{"erased":true}' where stream_no = (select stream_no from streams where stream = $1)`,
    [old],
  );
  const check = new TrendsCheck('all');
  expect(await findings(check)).toEqual([]);
  expect(check.summary()).toMatch(/since the day after their last erased run/);
  const damage = (before: string): Promise<unknown> =>
    database.query(
      `update trend_days_v1 set passed = passed + 1 where project_id = $1 and at ${before} now() - interval '3 days'`,
      [projectId],
    );
  await damage('<');
  expect(await findings()).toEqual([]);
  await damage('>');
  expect(await findings()).not.toEqual([]);
});

it('leaves out what was set aside, and what an operator had left out', async () => {
  const stream = await appendRun(1, 4);
  await database.query(
    `insert into parked_streams (projection, version, stream, slot, first_version, first_position, last_version, error)
     values ('trends', 1, $1, $2, 1, 1, 60, '{}')`,
    [stream, slotOf(stream)],
  );
  const checkpoint = `insert into projection_checkpoints (projection, version, slot, position)
    select 'trends', 1, slot, position from slots where slot = $1
    on conflict (projection, version, slot) do update set position = excluded.position`;
  await database.query(checkpoint, [slotOf(stream)]);
  expect(await findings()).toEqual([]);
  await database.query('delete from parked_streams');
  expect(await findings()).not.toEqual([]);
  await database.query(
    `insert into discarded_events (projection, stream, version, error) select 'trends', $1, n, '{}'
     from generate_series(1, 60) n`,
    [stream],
  );
  expect(await findings()).toEqual([]);
});

it('looks at as many projects as it is told to', async () => {
  await project(await appendRun(1, 5));
  projectId = `p-${randomUUID()}`;
  await project(await appendRun(1, 6));
  const check = new TrendsCheck(1);
  await new LogVerifier(database, { readModels: [check] }).verify();
  expect(check.summary()).toMatch(/^The trends of 1 of \d+ projects were compared/);
});
