import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type LocalPostgres, startLocalPostgres } from '#platform/local-postgres';
import { freePort } from './support/free-port.ts';

let directory: string;
let postgres: LocalPostgres;
let child: ChildProcess | undefined;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'testcast-e2e-'));
  // Started by root, PostgreSQL runs as somebody else, who must get to its files.
  await chmod(directory, 0o755);
  postgres = await startLocalPostgres({ dataDir: path.join(directory, 'postgres') });
});
afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});
afterAll(async () => {
  await postgres?.stop();
  await rm(directory, { recursive: true, force: true });
});

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.once('connect', () => socket.destroy());
    socket.once('error', () => resolve(false));
  });
}

/** Tells the app to stop at the moment in which it begins to listen. @returns how it ended */
async function stoppedAtOnce(app: string, port: number, env: Record<string, string>): Promise<string> {
  const running = spawn(process.execPath, [`dist/run/${app}/main.js`], {
    env: { PATH: process.env['PATH'] ?? '', DATA_DIR: path.join(directory, app), LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = running;
  let output = '';
  for (const stream of [running.stdout, running.stderr])
    stream.on('data', (chunk: Buffer) => (output += String(chunk)));
  const exited = once(running, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  while (running.exitCode === null && !(await accepts(port))) await new Promise((next) => setImmediate(next));
  running.kill('SIGTERM');
  const [code, signal] = await exited;
  return code === 0 ? 'in order' : `by ${signal ?? code}: ${output}`;
}

it('a gateway that is told to stop as it begins to listen stops in order', async () => {
  const port = await freePort();
  expect(
    await stoppedAtOnce('gateway', port, { DATA_DIR: directory, DATABASE_URL: postgres.url, PORT: String(port) }),
  ).toBe('in order');
});

it('a projector that is told to stop as it begins to listen stops in order, and leaves its slots to others', async () => {
  const port = await freePort();
  const env = { DATABASE_URL: postgres.url, METRICS_PORT: String(port) };
  expect(await stoppedAtOnce('projector', port, env)).toBe('in order');
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  try {
    expect((await client.query('select from projectors')).rowCount).toBe(0);
  } finally {
    await client.end();
  }
});

it('one machine that is told to stop as it begins to listen stops in order, its database last', async () => {
  const port = await freePort();
  expect(await stoppedAtOnce('standalone', port, { PORT: String(port) })).toBe('in order');
});
