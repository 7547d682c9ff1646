import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JsonLogger } from '#platform/observability';
import { createDatabase, hasUws, uwsPackage } from '#platform/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type RunningGateway, startGateway } from './bootstrap.ts';
import { readGatewayConfig } from './gateway.config.ts';

// Version 2, TCP over IPv4, on behalf of 203.0.113.9; and a health check of the proxy's own.
const header = Buffer.from('0d0a0d0a000d0a515549540a2111000ccb0071097f00000110002000', 'hex');
const check = Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex');

const engines = ['ws', ...(hasUws() ? ['uws'] : [])];

describe.each(engines)('a gateway on %s behind a balancer that speaks the PROXY protocol', (engine) => {
  let folder: string;
  let gateway: RunningGateway;
  let key: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'testcast-gateway-'));
    const config = readGatewayConfig({
      DATABASE_URL: await createDatabase(),
      DATA_DIR: folder,
      PORT: '0',
      STREAM_ENGINE: engine,
      STREAM_PORT: '0',
      UWS_PACKAGE: uwsPackage,
      PROXY_PROTOCOL: 'required',
      TRUSTED_PROXIES: '127.0.0.1/32',
    });
    const logger = new JsonLogger({ level: 'fatal', name: 'gateway' });
    gateway = await startGateway(config, { logger, sendHint: () => () => undefined });
    key = (await readFile(join(folder, 'admin.key'), 'utf8')).trim();
  });
  afterAll(async () => {
    await gateway?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const httpPort = () => Number(new URL(gateway.url).port);
  const lineFrom = (port: number, localAddress: string, begin: Buffer) => {
    const line = connect({ port, host: '127.0.0.1', localAddress });
    line.write(begin);
    return line;
  };

  /** @returns the type of the first message, or why there is none */
  async function opened(begin: Buffer, from = '127.0.0.1'): Promise<string> {
    const port = gateway.streamPort ?? httpPort();
    const socket = new WebSocket(`ws://127.0.0.1:${port}/stream`, 'testcast.v1', {
      headers: { authorization: `Bearer ${key}` },
      createConnection: () => lineFrom(port, from, begin),
    });
    const said = await Promise.race([
      once(socket, 'message').then(([data]) => (JSON.parse(String(data)) as { type: string }).type),
      once(socket, 'error').then(([error]) => (error as Error).message),
    ]).catch((error: unknown) => String(error));
    socket.on('error', () => undefined).terminate();
    return said;
  }

  it('opens sockets for those whom it names, and for strangers as they are', async () => {
    expect(await opened(header)).toBe('connected');
    expect(await opened(Buffer.alloc(0), '127.0.0.2')).toBe('connected');
  });

  it('opens none for a balancer that names nobody, nor for a stranger who speaks as a balancer', async () => {
    expect(await opened(Buffer.alloc(0))).toMatch(/hang up|ECONNRESET|400/);
    expect(await opened(header, '127.0.0.2')).toMatch(/hang up|ECONNRESET|400/);
  });

  it("answers the balancer's health checks", async () => {
    const line = lineFrom(httpPort(), '127.0.0.1', check);
    line.end('GET /health/ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    let answer = '';
    for await (const chunk of line) answer += String(chunk);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });
});
