import type { ClusterView } from '@testcast/contracts';
import { SignJWT } from 'jose';
import { JsonLogger } from '#platform/observability';
import { createDatabase, eventually, hasRedis, RedisCluster } from '#platform/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningGateway, startGateway } from './bootstrap.ts';
import { readGatewayConfig } from './gateway.config.ts';

const secret = 'a secret that is long enough for HS256';

describe.runIf(hasRedis())('two installations on one Redis', () => {
  let redis: RedisCluster;
  const gateways: RunningGateway[] = [];
  beforeAll(async () => {
    redis = await RedisCluster.start();
  });
  afterAll(async () => {
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await redis?.stop();
  });

  async function start(serverId: string, databaseUrl: string): Promise<RunningGateway> {
    const config = readGatewayConfig({
      DATABASE_URL: databaseUrl,
      REDIS_URL: redis.urls.join(','),
      SERVER_ID: serverId,
      PORT: '0',
      JWT_SECRET: secret,
    });
    const logger = new JsonLogger({ level: 'fatal', name: 'gateway' });
    const gateway = await startGateway(config, { logger, sendHint: () => () => undefined });
    gateways.push(gateway);
    return gateway;
  }

  async function nodesOf({ url }: RunningGateway): Promise<string[]> {
    const authorization = `Bearer ${await adminToken()}`;
    const response = await fetch(`${url}/v1/admin/cluster`, { headers: { authorization } });
    const { nodes } = (await response.json()) as ClusterView;
    return nodes.map(({ serverId }) => serverId).sort();
  }

  it('do not see, and so do not send clients to, the gateways of each other', async () => {
    const [ours, theirs] = await Promise.all([createDatabase(), createDatabase()]);
    const other = await start('theirs-1', theirs);
    const [first] = await Promise.all([start('ours-1', ours), start('ours-2', ours)]);
    // Both of ours have met after a beat; theirs has told of itself before them.
    await eventually(async () => expect(await nodesOf(first)).toEqual(['ours-1', 'ours-2']), { within: 15_000 });
    await eventually(async () => expect(await nodesOf(other)).toEqual(['theirs-1']));
  });
});

function adminToken(): Promise<string> {
  return new SignJWT({ projects: { '*': 'admin' } })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('somebody')
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret));
}
