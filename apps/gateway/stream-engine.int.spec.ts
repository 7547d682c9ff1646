import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectReply } from '@testcast/contracts';
import { JsonLogger } from '#platform/observability';
import { createDatabase, eventually, hasUws, uwsPackage } from '#platform/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type RunningGateway, startGateway } from './bootstrap.ts';
import { readGatewayConfig } from './gateway.config.ts';

let folder: string;
let databaseUrl: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'testcast-gateway-'));
  databaseUrl = await createDatabase();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function started(settings: NodeJS.ProcessEnv): Promise<RunningGateway> {
  const config = readGatewayConfig({
    DATABASE_URL: databaseUrl,
    DATA_DIR: folder,
    PORT: '0',
    STREAM_ENGINE: 'uws',
    STREAM_PORT: '0',
    UWS_PACKAGE: uwsPackage,
    ...settings,
  });
  const logger = new JsonLogger({ level: 'fatal', name: 'gateway' });
  return startGateway(config, { logger, sendHint: () => () => undefined });
}

async function connect({ url }: RunningGateway): Promise<ConnectReply> {
  const key = (await readFile(join(folder, 'admin.key'), 'utf8')).trim();
  const answer = await fetch(`${url}/v1/connect`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: '{}',
  });
  return (await answer.json()) as ConnectReply;
}

describe.skipIf(!hasUws())('a gateway on uWebSockets.js', () => {
  it('sends clients to the port of its sockets, where their ticket and their pages are taken', async () => {
    const gateway = await started({});
    const { url, ticket } = await connect(gateway);
    expect(url).toBe(`ws://127.0.0.1:${gateway.streamPort}/stream`);
    const socket = new WebSocket(`${url}?ticket=${ticket}`, 'testcast.v1', { origin: gateway.url });
    const frames: string[] = [];
    socket.on('message', (data: Buffer) => frames.push(data.toString()));
    await eventually(() => expect(frames[0]).toContain('"connected"'));
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    await gateway.stop();
    expect(await closed).toBe(4000);
  });

  it('sends them to the public URL where there is one', async () => {
    const gateway = await started({ PUBLIC_STREAM_URL: 'wss://tests.example.com/stream' });
    expect((await connect(gateway)).url).toBe('wss://tests.example.com/stream');
    await gateway.stop();
  });

  it('does not start when the port of the sockets is taken, and says so', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    await expect(started({ STREAM_PORT: String(port) })).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use`);
    taken.close();
  });
});

it('a gateway that shall run on uWebSockets.js does not start without it', async () => {
  await expect(started({ UWS_PACKAGE: '/nowhere/uws' })).rejects.toThrow('/nowhere/uws cannot be loaded');
});
