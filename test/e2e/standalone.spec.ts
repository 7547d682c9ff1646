import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '#platform/testing';
import type { ConnectReply } from '@testcast/contracts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { processes, StandaloneProcess } from './standalone-process.ts';
import { freePort } from './support/free-port.ts';

let dataDir: string;
let adminKey: string;
let running: StandaloneProcess;
let url: string;
let link: URL;
const started: StandaloneProcess[] = [];

async function newDataDir(): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'testcast-e2e-'));
  // Started by root, PostgreSQL runs as somebody else, who must get to its files.
  await chmod(directory, 0o755);
  return directory;
}
function start(environment: Record<string, string> = {}): StandaloneProcess {
  const standalone = new StandaloneProcess({ DATA_DIR: dataDir, ...environment });
  started.push(standalone);
  return standalone;
}
async function startAndWait(environment: Record<string, string> = {}): Promise<void> {
  running = start(environment);
  ({ url, link } = await running.ready());
  adminKey = (await readFile(path.join(dataDir, 'admin.key'), 'utf8')).trim();
}
function call(method: string, route: string, body?: unknown, key = adminKey): Promise<Response> {
  return fetch(url + route, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
}
async function projects(): Promise<string[]> {
  const response = await call('GET', '/v1/projects');
  expect(response.status).toBe(200);
  return ((await response.json()) as { items: { projectId: string }[] }).items.map(({ projectId }) => projectId);
}
const alive = (pids: readonly number[]): number[] =>
  processes()
    .map(({ pid }) => pid)
    .filter((pid) => pids.includes(pid));

beforeAll(async () => {
  dataDir = await newDataDir();
  await startAndWait();
});
afterAll(async () => {
  for (const standalone of started) await standalone.kill('SIGTERM');
  await rm(dataDir, { recursive: true, force: true });
});

describe('a start on one machine', () => {
  it('prints that it is ready, a link, and nothing else', () => {
    expect(running.lines).toHaveLength(2);
    expect(running.errors).toBe('');
  });

  it('signs in one browser with its link', async () => {
    const code = link.hash.replace('#code=', '');
    const signIn = () =>
      fetch(`${link.origin}/v1/sign-in`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code }),
      });
    const first = await signIn();
    expect(first.status).toBe(200);
    const cookie = first.headers.getSetCookie()[0]!.split(';')[0]!;
    const session = await fetch(`${link.origin}/v1/session`, { headers: { cookie } });
    expect(await session.json()).toMatchObject({ grants: { '*': 'admin' } });
    expect((await signIn()).status).toBe(401);
  });

  it('lets a ticket open one socket', async () => {
    const reply = (await (await call('POST', '/v1/connect', {})).json()) as ConnectReply;
    const address = `${reply.url}?ticket=${encodeURIComponent(reply.ticket)}`;
    const socket = new WebSocket(address, 'testcast.v1');
    const [text] = (await once(socket, 'message')) as [Buffer];
    expect(JSON.parse(text.toString())).toMatchObject({ type: 'connected', serverId: reply.serverId });
    const again = new WebSocket(address, 'testcast.v1');
    const [, response] = (await once(again, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(response.statusCode).toBe(401);
    again.on('error', () => undefined).terminate();
    socket.close();
    await once(socket, 'close');
  });

  it('shows the metrics of both processes on one page', async () => {
    await eventually(
      async () => {
        const text = await (await fetch(`${url}/metrics`)).text();
        expect(text).toMatch(/^websocket_connections \d+$/m);
        expect(text).toContain('testcast_projection_stopped{projection="runs"} 0');
      },
      { within: 20_000 },
    );
  });

  it('is refused on a data directory that is in use, and says so', async () => {
    const second = start();
    expect(await second.ended()).toBe(1);
    expect(second.errors).toMatch(/Testcast did not start: .*(in use|owns|another|running)/i);
    expect(await projects()).toBeInstanceOf(Array);
  });

  it('is refused on a port that is in use, says so, and leaves nothing running', async () => {
    const other = await newDataDir();
    const second = start({ DATA_DIR: other, PORT: new URL(url).port });
    expect(await second.ended()).toBe(1);
    expect(second.errors).toContain(`Port ${new URL(url).port} on 127.0.0.1 is in use`);
    expect(processes().filter(({ command }) => command.includes(other))).toEqual([]);
    await rm(other, { recursive: true });
  });

  it('names every setting that cannot be used', async () => {
    const second = start({ PORT: 'four thousand', JWT_SECRET: 'short', MAX_CONNECTIONS: '0' });
    expect(await second.ended()).toBe(1);
    for (const name of ['PORT', 'JWT_SECRET', 'MAX_CONNECTIONS']) expect(second.errors).toContain(`- ${name} must`);
  });
});

describe('kill -9', () => {
  afterEach(async () => {
    expect(await projects()).toContain('kept');
  });

  beforeAll(async () => {
    await call('POST', '/v1/projects', { projectId: 'kept' });
  });

  it('of PostgreSQL: it comes back on its port with what it had', async () => {
    const before = running.postmaster();
    process.kill(before.pid, 'SIGKILL');
    await eventually(() => expect(running.postmaster().pid).not.toBe(before.pid), { within: 20_000 });
    await eventually(async () => expect(await projects()).toContain('kept'), { within: 20_000 });
  });

  it('of the projector: it is started again', async () => {
    const before = running.projector();
    process.kill(before.pid, 'SIGKILL');
    await eventually(() => expect(running.projector().pid).not.toBe(before.pid), { within: 20_000 });
  });

  it('of the main process: the projector leaves, and the next start takes over', async () => {
    const projector = running.projector();
    await running.kill('SIGKILL');
    await eventually(() => expect(alive([projector.pid])).toEqual([]), {
      within: 10_000,
      message: 'the projector outlives its parent',
    });
    await startAndWait();
    // What was left of the start before has gone: one server, and it is ours.
    expect(processes().filter(({ command }) => command.includes(dataDir))).toHaveLength(1);
  });
});

describe('Ctrl-C', () => {
  it('stops everything, leaves no process, and the next start finds what was there', async () => {
    const pids = running.tree().map(({ pid }) => pid);
    expect(pids.length).toBeGreaterThan(3);
    expect(await running.kill('SIGINT')).toBe(0);
    expect(alive(pids)).toEqual([]);
    await startAndWait();
    expect(await projects()).toContain('kept');
  });

  it('and a start with METRICS_PORT shows the metrics of both processes there, and not on the port of the pages', async () => {
    expect(await running.kill('SIGINT')).toBe(0);
    const port = await freePort();
    await startAndWait({ METRICS_PORT: String(port) });
    await eventually(
      async () => {
        const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
        expect(text).toMatch(/^websocket_connections \d+$/m);
        expect(text).toContain('testcast_projection_stopped{projection="runs"} 0');
      },
      { within: 20_000 },
    );
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
  });

  it('while it starts stops it too', async () => {
    const other = await newDataDir();
    const second = start({ DATA_DIR: other });
    await eventually(() => second.postmaster(), { within: 30_000 });
    const pids = second.tree().map(({ pid }) => pid);
    expect(await second.kill('SIGTERM')).toBe(0);
    expect(alive(pids)).toEqual([]);
    expect(second.lines).toEqual([]);
    await rm(other, { recursive: true });
  });
});
