import { randomUUID } from 'node:crypto';
import { register } from 'prom-client';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { rooms } from '@testcast/contracts';
import { connectionOptions } from '#platform/database';
import { PostgresEventStore } from '#platform/event-store';
import { ParkingLot, PostgresCommitHint, type ProjectionStatus, Rebuilds } from '#platform/messaging';
import { createDatabase, eventually } from '#platform/testing';
import { type RunningProjector, startProjector } from '../bootstrap.ts';
import { type CommandOptions, ProjectionCommand } from './projection-command.ts';

let database: DataSource;
let log: PostgresEventStore;
let projector: RunningProjector;
let printed: string[];

beforeAll(async () => {
  const databaseUrl = await createDatabase();
  database = await new DataSource(connectionOptions({ url: databaseUrl })).initialize();
  log = new PostgresEventStore(database);
  projector = await startProjector(
    { ...defaults, databaseUrl },
    { logger: false, hint: new PostgresCommitHint(databaseUrl), sendHint: () => async () => {} },
  );
});
beforeEach(() => {
  printed = [];
});
afterAll(async () => {
  await projector?.stop();
  await log?.close();
  await database?.destroy();
  register.clear();
});

/** Other suites may have the machine meanwhile. */
const patient = { within: 15_000 };
const defaults = { host: '127.0.0.1', metricsPort: 0, logLevel: 'fatal' as const };

async function command(words: string[], options: CommandOptions = { json: true }) {
  const terminal = { print: (line: string) => void printed.push(line), show: () => undefined, note: () => undefined };
  const code = await new ProjectionCommand(new Rebuilds(database, log), new ParkingLot(database), terminal).run(
    words,
    options,
  );
  return { code, answer: options.json === true ? (JSON.parse(printed.at(-1)!) as unknown) : printed.join('\n') };
}

async function startRuns(count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async () => {
      const data = { projectId: 'shop', runId: randomUUID(), implicit: false };
      const started = { eventId: randomUUID(), type: 'run.started', at: 1, data, lifecycle: true };
      await log.append({
        stream: rooms.run('shop', data.runId),
        events: [started, ...Array.from({ length: 5 }, result)],
      });
    }),
  );
}

function result(_: unknown, n: number) {
  const test = { testId: `t-${n}`, testKey: `k-${n}`, variant: '', shardId: '', rerun: 1, attempt: 1 };
  const data = { ...test, status: n % 2 === 0 ? 'passed' : 'failed', durationMs: n, suite: [], title: `t-${n}` };
  return { eventId: randomUUID(), type: 'test.finished', at: 2, data };
}

const rowsOf = (table: string) => database.query<object[]>(`select * from ${table} order by 1, 2, 3`);

async function caughtUp(): Promise<ProjectionStatus> {
  return eventually(async () => {
    const { answer } = await command(['status']);
    const runs = (answer as ProjectionStatus[]).find(({ name }) => name === 'runs')!;
    expect(runs.lag).toBe(0);
    return runs;
  }, patient);
}

it('rebuilds the runs row by row, while somebody waits for it', async () => {
  await startRuns(200);
  const { build } = await caughtUp();
  const before = { runs: await rowsOf('run_summaries'), tests: await rowsOf('run_tests') };
  expect(before.tests).toHaveLength(1_000);
  const { code, answer } = await command(['rebuild', 'runs']);
  expect([code, answer]).toMatchObject([0, { name: 'runs', build: build + 1 }]);
  expect({ runs: await rowsOf('run_summaries'), tests: await rowsOf('run_tests') }).toEqual(before);
  await startRuns(10);
  await caughtUp();
  expect(await rowsOf('run_tests')).toHaveLength(1_050);
}, 60_000);

it('gives a rebuild up that nobody sees through', async () => {
  await command(['rebuild', 'runs'], { json: true, 'no-wait': true });
  // Whether it was in time or the rebuild was over, nothing is under way after it.
  await command(['cancel', 'runs']);
  expect(await command(['cancel', 'runs'])).toEqual({ code: 1, answer: { name: 'runs', cancelled: false } });
  await expect(command(['cancel', 'nothing'])).rejects.toThrow('these can: ');
});

it('makes tables that are the same as those of the migration', async () => {
  const shape = async (table: string) => ({
    columns: await database.query<object[]>(
      `select column_name, data_type, collation_name, is_nullable from information_schema.columns
       where table_name = $1 order by ordinal_position`,
      [table],
    ),
    indexes: (
      await database.query<{ definition: string }[]>(
        `select pg_get_indexdef(indexrelid) as definition from pg_index where indrelid = $1::regclass`,
        [table],
      )
    )
      .map(({ definition }) => definition.replaceAll(table, 'table'))
      .sort(),
    options: await database.query<object[]>('select reloptions from pg_class where relname = $1', [table]),
  });
  const migrated = new DataSource(connectionOptions({ url: await createDatabase() }));
  await migrated.initialize();
  try {
    const { build } = await caughtUp();
    for (const name of ['run_summaries', 'run_tests']) {
      const rebuilt = await shape(`${name}_v${build}`);
      const ours = database;
      database = migrated;
      const first = await shape(`${name}_v1`).finally(() => (database = ours));
      expect(rebuilt).toEqual(first);
    }
  } finally {
    await migrated.destroy();
  }
});

it('lists what is parked, tries it again, and leaves the event out that cannot be applied', async () => {
  const stream = `build:shop/${randomUUID()}`;
  await log.append({ stream, events: [result(0, 0)] });
  await eventually(async () => {
    const { answer } = await command(['parked']);
    expect(answer).toContainEqual(expect.objectContaining({ projection: 'runs', stream, firstVersion: 1 }));
  });
  const only = { json: true, projection: 'runs' };
  expect(await command(['replay', stream], only)).toMatchObject({
    code: 1,
    answer: [{ projection: 'runs', outcome: 'failed', version: 1, error: expect.stringContaining("no run's stream") }],
  });
  expect(await command(['discard', stream], only)).toMatchObject({ code: 0, answer: [{ outcome: 'applied' }] });
  expect(await command(['replay', stream], only)).toEqual({ code: 1, answer: [] });
  expect(await database.query('select version::int from discarded_events where stream = $1', [stream])).toEqual([
    { version: 1 },
  ]);
});

it('says how it is used, and which projections there are', async () => {
  expect(await command(['replay'], {})).toMatchObject({ code: 2, answer: expect.stringContaining('discard <stream>') });
  await expect(command(['rebuild', 'nothing'])).rejects.toThrow('these can: ');
});
