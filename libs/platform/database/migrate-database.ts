import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { migrations } from '#migrations';
import { isUnreachable } from '#platform/event-store';
import { connectionOptions, connectTimeout } from './connection-settings.ts';
import { SteadyClient } from './steady-client.ts';

export interface MigrateOptions {
  /** Milliseconds to wait for a server that is starting, and then for another process that is migrating (default 60,000). */
  readonly within?: number | undefined;
}

/** Any number will do, as long as it is the same in every process: "testcast", cut to 48 bits of ASCII. */
const migrationLock = 0x74_65_73_74_63_61;

/**
 * Brings the database to the newest schema. Any number of processes may call it at once: one runs the migrations, the
 * others wait for it and find nothing left to do.
 *
 * @returns names of the migrations that this call ran
 * @throws the server's error when it does not answer in time, or a migration fails (its own transaction is rolled back)
 */
export async function migrateDatabase(url: string, { within = 60_000 }: MigrateOptions = {}): Promise<string[]> {
  const deadline = performance.now() + within;
  const guard = await connectWhenUp(url, deadline);
  try {
    await lock(guard, deadline);
    return await runMigrations(url);
  } finally {
    // The lock is the session's, so ending it unlocks, also after an error.
    await guard.end().catch(() => undefined);
  }
}

async function connectWhenUp(url: string, deadline: number): Promise<pg.Client> {
  for (let tries = 1; ; tries++) {
    const client = new SteadyClient({
      connectionString: url,
      connectionTimeoutMillis: connectTimeout,
      keepAlive: true,
    });
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (!isUnreachable(error) || performance.now() > deadline) throw error;
      await delay(Math.min(100 * tries, 1_000));
    }
  }
}

/** Asks again instead of waiting in the server: a session that waits for a lock holds a snapshot, which stops some DDL. */
async function lock(client: pg.Client, deadline: number): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [
      migrationLock,
    ]);
    if (rows[0]?.locked === true) return;
    if (performance.now() > deadline) throw new Error('another process has been migrating the database for too long');
    await delay(100);
  }
}

async function runMigrations(url: string): Promise<string[]> {
  const options = connectionOptions({ url, poolSize: 2, applicationName: 'testcast-migrate' });
  // A migration may rightly take longer than a request.
  const extra = { ...(options.extra as object), statement_timeout: 0, idle_in_transaction_session_timeout: 0 };
  const dataSource = new DataSource({ ...options, extra, migrations });
  await dataSource.initialize();
  try {
    const applied = await dataSource.runMigrations({ transaction: 'each' });
    return applied.map(({ name }) => name);
  } finally {
    await dataSource.destroy();
  }
}
