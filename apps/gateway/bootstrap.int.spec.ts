import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CommitHint } from '#platform/messaging';
import { JsonLogger } from '#platform/observability';
import { createDatabase, eventually } from '#platform/testing';
import pg from 'pg';
import { type RunningGateway, startGateway } from './bootstrap.ts';
import { readGatewayConfig } from './gateway.config.ts';

let folder: string;
let databaseUrl: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'testcast-gateway-'));
  databaseUrl = await createDatabase();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The channel of hints, of which one part does not work. */
class BrokenHint extends CommitHint {
  constructor(private readonly broken: 'start' | 'stop') {
    super();
  }
  async start(): Promise<void> {
    if (this.broken === 'start') throw new Error('the channel does not open');
  }
  async stop(): Promise<void> {
    if (this.broken === 'stop') throw new Error('the channel does not close');
  }
}

function started(hint: CommitHint): Promise<RunningGateway> {
  const config = readGatewayConfig({ DATABASE_URL: databaseUrl, DATA_DIR: folder, PORT: '0' });
  const logger = new JsonLogger({ level: 'fatal', name: 'gateway' });
  return startGateway(config, { logger, sendHint: () => () => undefined, hint });
}

async function connections(): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and application_name = 'testcast-gateway'`,
    );
    return rows[0]!.n;
  } finally {
    await client.end();
  }
}

it('a gateway that cannot stop hearing of commits stops all the rest, and says what did not', async () => {
  const gateway = await started(new BrokenHint('stop'));
  expect(await connections()).toBeGreaterThan(0);
  await expect(gateway.stop()).rejects.toThrow('the channel does not close');
  await expect(fetch(`${gateway.url}/health/live`)).rejects.toThrow('fetch failed');
  await eventually(async () => expect(await connections()).toBe(0));
});

it('a gateway that cannot hear of commits does not start, and leaves nothing running', async () => {
  await expect(started(new BrokenHint('start'))).rejects.toThrow('the channel does not open');
  await eventually(async () => expect(await connections()).toBe(0));
});
