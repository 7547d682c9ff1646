import { register } from 'prom-client';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { connectionOptions } from '#platform/database';
import { PostgresEventStore } from '#platform/event-store';
import { ParkingLot, PostgresCommitHint, Rebuilds } from '#platform/messaging';
import { createDatabase, eventually } from '#platform/testing';
import { type RunningProjector, startProjector } from '../bootstrap.ts';
import { ProjectionCommand } from './projection-command.ts';

let databaseUrl: string;
let database: DataSource;
let log: PostgresEventStore;
let projector: RunningProjector | undefined;

beforeAll(async () => {
  databaseUrl = await createDatabase();
  database = await new DataSource(connectionOptions({ url: databaseUrl })).initialize();
  log = new PostgresEventStore(database);
});
afterEach(() => stopProjector());
afterAll(async () => {
  await log?.close();
  await database?.destroy();
});

async function beginProjector(): Promise<void> {
  projector = await startProjector(
    { databaseUrl, host: '127.0.0.1', metricsPort: 0, logLevel: 'fatal' },
    { logger: false, hint: new PostgresCommitHint(databaseUrl), sendHint: () => async () => {} },
  );
}

async function stopProjector(): Promise<void> {
  await projector?.stop();
  projector = undefined;
  register.clear();
}

it('says that no projector runs, and goes on when one does', async () => {
  await beginProjector();
  await eventually(async () => expect((await new Rebuilds(database, log).status()).length).toBeGreaterThan(0));
  await stopProjector();
  const notes: string[] = [];
  const printed: string[] = [];
  const terminal = {
    print: (line: string) => void printed.push(line),
    show: () => undefined,
    note: (line: string) => void notes.push(line),
  };
  const command = new ProjectionCommand(new Rebuilds(database, log), new ParkingLot(database), terminal);
  const rebuilding = command.run(['rebuild', 'runs'], { json: true });
  await eventually(() => expect(notes).toEqual([expect.stringContaining('runs: no projector runs')]), {
    within: 15_000,
  });
  await eventually(() => expect(JSON.parse(printed.at(-1)!)).toMatchObject({ name: 'runs', waitsFor: 'projector' }));
  await beginProjector();
  expect(await rebuilding).toBe(0);
  expect(notes.slice(1)).toEqual(['runs: a projector is there, the rebuild goes on']);
}, 60_000);
