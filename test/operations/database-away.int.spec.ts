import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningGateway, startGateway } from '#apps/gateway/bootstrap';
import { readGatewayConfig } from '#apps/gateway/gateway.config';
import { JsonLogger } from '#platform/observability';
import {
  createDatabase,
  eventually,
  hasRedis,
  type LossyConnection,
  lossyConnection,
  RedisCluster,
} from '#platform/testing';
import { jwtSecret } from '../access/support/callers.ts';
import { SocketUnderTest } from '../access/support/socket.ts';
import { freePort } from '../e2e/support/free-port.ts';

/** Askers of one round: among as many, two equal gateways are both named. */
const asks = 30;

describe.runIf(hasRedis())('of two gateways one that is cut off from the database', () => {
  let redis: RedisCluster;
  let way: LossyConnection;
  let cutOff: RunningGateway;
  let well: RunningGateway;
  let token: string;
  const gateways: RunningGateway[] = [];
  const sockets: SocketUnderTest[] = [];

  beforeAll(async () => {
    const databaseUrl = await createDatabase();
    redis = await RedisCluster.start();
    way = await lossyConnection(databaseUrl);
    token = await adminToken();
    cutOff = await start('cut-off', way.url);
    well = await start('well', databaseUrl);
  });
  afterAll(async () => {
    for (const socket of sockets) socket.close();
    way?.restore();
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await way?.close();
    await redis?.stop();
  });

  async function start(serverId: string, databaseUrl: string): Promise<RunningGateway> {
    const port = await freePort();
    const config = readGatewayConfig({
      DATABASE_URL: databaseUrl,
      REDIS_URL: redis.urls.join(','),
      SERVER_ID: serverId,
      PORT: String(port),
      SERVER_STREAM_URL: `ws://127.0.0.1:${port}/stream`,
      STREAM_ENGINE: 'ws',
      JWT_SECRET: jwtSecret,
    });
    const logger = new JsonLogger({ level: 'fatal', name: 'gateway' });
    const gateway = await startGateway(config, { logger, sendHint: () => () => undefined });
    gateways.push(gateway);
    return gateway;
  }

  async function open({ url }: RunningGateway): Promise<SocketUnderTest> {
    const socket = await SocketUnderTest.open(`${url.replace('http', 'ws')}/stream`, token);
    if (!(socket instanceof SocketUnderTest)) throw new Error('it was refused');
    sockets.push(socket);
    return socket;
  }

  async function chosen(): Promise<Set<string>> {
    const names = new Set<string>();
    for (let ask = 0; ask < asks; ask++) {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const response = await fetch(`${well.url}/v1/connect`, { method: 'POST', headers, body: '{}' });
      const { serverId } = (await response.json()) as { serverId: string };
      names.add(serverId);
    }
    return names;
  }

  async function readiness({ url }: RunningGateway): Promise<[status: number, checks: Record<string, string>]> {
    const response = await fetch(`${url}/health/ready`);
    const { checks } = (await response.json()) as { checks: Record<string, string> };
    return [response.status, checks];
  }

  const both = { within: 20_000 };
  const isReady = async () => expect(await readiness(cutOff)).toMatchObject([200, { database: 'ok' }]);
  const isChosen = async () => expect(await chosen()).toEqual(new Set(['cut-off', 'well']));

  it('gets no newcomers until it reaches it again, and keeps those whom it has', { timeout: 90_000 }, async () => {
    await isReady();
    await eventually(isChosen, both);
    const socket = await open(cutOff);
    way.interrupt('silent');

    await eventually(async () => {
      const [status, { database }] = await readiness(cutOff);
      expect([status, database]).toEqual([503, expect.stringMatching(/^PostgreSQL has not answered for \d+ s$/)]);
    }, both);
    expect(await readiness(well)).toMatchObject([200, { database: 'ok' }]);
    await eventually(async () => expect(await chosen()).toEqual(new Set(['well'])), both);
    expect(await socket.request('ping', {})).toMatchObject({ data: { timestamp: expect.any(Number) } });
    expect((await fetch(`${cutOff.url}/health/live`)).status).toBe(200);

    way.restore();
    await eventually(isReady, both);
    await eventually(isChosen, both);
  });
});

function adminToken(): Promise<string> {
  return new SignJWT({ projects: { '*': 'admin' } })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('somebody')
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(jwtSecret));
}
