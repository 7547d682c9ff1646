import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { mkdirSync } from 'node:fs';
import pg from 'pg';
import { eventData, type EventLog } from './event-log.ts';

interface EmmettStore {
  readonly schema?: { migrate(): Promise<void> };
  appendToStream(stream: string, events: readonly object[]): Promise<unknown>;
  close(): Promise<void>;
}

/** Measured, never depended on: its packages say nothing of a licence. */
const packages = ['@event-driven-io/emmett@0.42.0', '@event-driven-io/emmett-postgresql@0.42.0'];
const folder = path.join(homedir(), '.cache', 'testcast', 'bench-emmett');

/** Its default pool is 10 and one for each append in flight is more than a server has; 32 was its best at 256 in flight. */
const mostConnections = 32;

/** Installs the peer into a folder of its own, unless it is there. @throws Error when npm cannot */
export function installEmmett(): void {
  mkdirSync(folder, { recursive: true });
  const { status, stderr } = spawnSync(
    'npm',
    ['install', '--prefix', folder, '--no-audit', '--no-fund', '--prefer-offline', ...packages],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`Emmett was not installed:\n${stderr}`);
}

export async function openEmmettLog(url: string, inFlight: number): Promise<EventLog> {
  const require = createRequire(path.join(folder, 'package.json'));
  const entry = pathToFileURL(require.resolve('@event-driven-io/emmett-postgresql')).href;
  const loaded = (await import(entry)) as Record<string, unknown> & { default?: Record<string, unknown> };
  const open = (loaded.getPostgreSQLEventStore ?? loaded.default?.getPostgreSQLEventStore) as (
    url: string,
    options: object,
  ) => EmmettStore;
  const pool = new pg.Pool({ connectionString: url, max: Math.min(inFlight, mostConnections) });
  pool.on('error', () => undefined);
  const store = open(url, { connectionOptions: { pool } });
  await store.schema?.migrate();
  return {
    async append(stream, events) {
      const type = 'test.finished';
      await store.appendToStream(
        stream,
        Array.from({ length: events }, () => ({ type, data: eventData })),
      );
    },
    async close() {
      await store.close();
      await pool.end();
    },
  };
}
