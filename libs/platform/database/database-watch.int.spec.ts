import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createDatabase, eventually, type LossyConnection, lossyConnection } from '#platform/testing';
import { connectionOptions } from './connection-settings.ts';
import { DatabaseWatch } from './database-watch.ts';

Logger.overrideLogger(false);

let way: LossyConnection;
let watch: DatabaseWatch;
beforeAll(async () => {
  way = await lossyConnection(await createDatabase());
});
afterAll(() => way.close());
beforeEach(() => {
  watch = new DatabaseWatch({ url: way.url, applicationName: 'watched' });
});
afterEach(async () => {
  await watch.onApplicationShutdown();
  way.restore();
});

const away = () => expect(watch.isUp).toBe(false);
const up = () => expect(watch.isUp).toBe(true);

it.each(['refused', 'silent'] as const)(
  'a database whose way is %s is away after five seconds, and back at once',
  async (how) => {
    watch.onApplicationBootstrap();
    up();
    const since = performance.now();
    way.interrupt(how);
    await eventually(away, { within: 15_000 });
    expect(performance.now() - since).toBeGreaterThan(5000);
    expect(() => watch.requireUp()).toThrow(/^PostgreSQL has not answered for \d+ s$/);
    way.restore();
    await eventually(up, { within: 5000 });
    expect(() => watch.requireUp()).not.toThrow();
  },
);

it('a pool that is busy does not make the database away', async () => {
  const busy = await new DataSource(connectionOptions({ url: way.url, poolSize: 1 })).initialize();
  const statement = busy.query('select pg_sleep(7)');
  watch.onApplicationBootstrap();
  let [ended, wasAway] = [false, false];
  await Promise.all([
    statement.then(() => (ended = true)),
    eventually(
      () => {
        wasAway ||= !watch.isUp;
        expect(ended).toBe(true);
      },
      { within: 15_000 },
    ),
  ]);
  expect(wasAway).toBe(false);
  await busy.destroy();
});

it('reads how far the clocks are apart: here there is only one', async () => {
  watch.onApplicationBootstrap();
  await eventually(() => expect(watch.clockAheadByMs).not.toBe(0));
  await eventually(() => expect(Math.abs(watch.clockAheadByMs)).toBeLessThan(20));
});

it('leaves no connection behind', async () => {
  const database = await new DataSource(connectionOptions({ url: way.url })).initialize();
  const connections = async () => {
    const rows = await database.query<unknown[]>(`select from pg_stat_activity
      where datname = current_database() and application_name = 'watched'`);
    return rows.length;
  };
  watch.onApplicationBootstrap();
  await eventually(async () => expect(await connections()).toBe(1));
  await watch.onApplicationShutdown();
  await eventually(async () => expect(await connections()).toBe(0));
  await database.destroy();
});
