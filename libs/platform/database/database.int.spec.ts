import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventStore, EventStoreModule, type RecordedEvent } from '#platform/event-store';
import { anyEvent, anyStream, createDatabase } from '#platform/testing';
import { migrations } from '#migrations';
import { connectionOptions } from './connection-settings.ts';
import { DatabaseModule } from './database.module.ts';
import { migrateDatabase } from './migrate-database.ts';
import { missingMigrations, waitForSchema } from './wait-for-schema.ts';

let admin: pg.Client;
let migrated: string;
beforeAll(async () => {
  migrated = await createDatabase();
  admin = new pg.Client({ connectionString: migrated });
  await admin.connect();
});
afterAll(() => admin.end());

/** Not a copy of the template: nothing is in it. Its name is the prefix of what the run drops at its end. */
async function emptyDatabase(): Promise<string> {
  const url = new URL(migrated);
  url.pathname += randomBytes(3).toString('hex');
  await admin.query(`create database ${url.pathname.slice(1)}`);
  return url.href;
}

async function whileConnected<T>(url: string, use: (dataSource: DataSource) => Promise<T>): Promise<T> {
  const dataSource = await new DataSource(connectionOptions({ url })).initialize();
  try {
    return await use(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

describe('migrating', () => {
  it('runs each migration once, however many processes start at once', { timeout: 60_000 }, async () => {
    const url = await emptyDatabase();
    const applied = await Promise.all([migrateDatabase(url), migrateDatabase(url), migrateDatabase(url)]);
    expect(applied.flat()).toEqual(migrations.map(({ name }) => name));
    expect(await migrateDatabase(url)).toEqual([]);
  });

  it('makes the schema that others wait for', { timeout: 60_000 }, async () => {
    const url = await emptyDatabase();
    await whileConnected(url, async (dataSource) => {
      expect(await missingMigrations(dataSource)).toHaveLength(migrations.length);
      await expect(waitForSchema(dataSource, { within: 0 })).rejects.toThrow('CreateEventStore1764000000001');
      await Promise.all([waitForSchema(dataSource), migrateDatabase(url)]);
      expect(await missingMigrations(dataSource)).toEqual([]);
    });
  });

  it('can be taken back', { timeout: 60_000 }, async () => {
    const url = await emptyDatabase();
    await migrateDatabase(url);
    const dataSource = await new DataSource({ ...connectionOptions({ url }), migrations }).initialize();
    for (const _ of migrations) await dataSource.undoLastMigration();
    await dataSource.destroy();
    expect(await migrateDatabase(url)).toHaveLength(migrations.length);
  });

  it('waits for a server that is not up yet, but not for ever', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, 'close');
    const url = new URL(migrated);
    url.port = String(port);
    await expect(migrateDatabase(url.href, { within: 300 })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('fails at once for what waiting does not mend', async () => {
    const url = new URL(migrated);
    url.pathname = '/there_is_no_such_database';
    await expect(migrateDatabase(url.href)).rejects.toMatchObject({ code: '3D000' });
  });
});

@Injectable()
class Reader {
  constructor(
    readonly dataSource: DataSource,
    readonly store: EventStore,
  ) {}
}

const appOf = (url: string, applicationName: string) => {
  @Module({
    imports: [DatabaseModule.forRoot({ url, applicationName, poolSize: 8 }), EventStoreModule.forRoot()],
    providers: [Reader],
  })
  class AppModule {}
  return Test.createTestingModule({ imports: [AppModule] }).compile();
};

describe('the modules', () => {
  it('give each application of a process a DataSource of its own', async () => {
    const apps = await Promise.all([appOf(migrated, 'first'), appOf(await createDatabase(), 'second')]);
    const [first, second] = apps.map((app) => app.get(Reader));
    const stream = anyStream();
    await first!.store.append({ stream, events: [anyEvent()] });
    expect((await first!.store.readStream(stream, 0)).version).toBe(1);
    expect((await second!.store.readStream(stream, 0)).version).toBe(0);
    const [{ name }] = await second!.dataSource.query<[{ name: string }]>(
      `select current_setting('application_name') as name`,
    );
    expect(name).toBe('second');
    await apps[0].close();
    expect((await second!.store.readStream(stream, 0)).version).toBe(0);
    await apps[1].close();
  });

  it('answer every append before the connections close', async () => {
    const app = await appOf(migrated, 'closing');
    await app.init();
    const { store } = app.get(Reader);
    const told: RecordedEvent[] = [];
    store.onCommitted((events) => void told.push(...events));
    const appends = Array.from({ length: 200 }, () => store.append({ stream: anyStream(), events: [anyEvent()] }));
    const [, ...settled] = await Promise.all([app.close(), ...appends]);
    expect(settled.flat().every(({ status }) => status === 'appended')).toBe(true);
    expect(told).toHaveLength(200);
  });

  it('give statements up that would hold a connection for too long', async () => {
    await whileConnected(migrated, async (dataSource) => {
      const [row] = await dataSource.query<
        [Record<string, string>]
      >(`select current_setting('statement_timeout') as statement,
        current_setting('idle_in_transaction_session_timeout') as idle`);
      expect(row).toEqual({ statement: '30s', idle: '1min' });
    });
  });

  it('work in read committed, whatever the default of the database is', async () => {
    const url = await createDatabase();
    const name = new URL(url).pathname.slice(1);
    await admin.query(`alter database ${name} set default_transaction_isolation = 'serializable'`);
    await whileConnected(url, async (dataSource) => {
      const level = await dataSource.transaction((tx) => tx.query<[object]>('show transaction_isolation'));
      expect(level).toEqual([{ transaction_isolation: 'read committed' }]);
    });
  });

  it('outlive connections that the server ends while nobody uses them', async () => {
    await whileConnected(migrated, async (dataSource) => {
      const [{ pid }] = await dataSource.query<[{ pid: number }]>('select pg_backend_pid() as pid');
      await admin.query('select pg_terminate_backend($1, 5000)', [pid]);
      const [{ pid: next }] = await dataSource.query<[{ pid: number }]>('select pg_backend_pid() as pid');
      expect(next).not.toBe(pid);
    });
  });
});
