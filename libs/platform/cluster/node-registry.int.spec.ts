import { Cluster } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, hasRedis, RedisCluster } from '#platform/testing';
import { aNode } from './fixtures/a-node.ts';
import { MemoryNodeRegistry } from './node-registry.memory.ts';
import { nodesKey, RedisNodeRegistry } from './node-registry.redis.ts';
import type { NodeRegistry } from './node-registry.ts';

function keepsWhatNodesSay(registryOf: () => NodeRegistry): void {
  it('keeps what each node said last, and forgets those that are removed', async () => {
    const registry = registryOf();
    await registry.publish(aNode('a', { beat: 1 }));
    await registry.publish(aNode('b', { url: 'wss://b.example.com/stream', position: { latitude: 1, longitude: 2 } }));
    await registry.publish(aNode('a', { beat: 2 }));
    const sorted = async () => (await registry.read()).toSorted((x, y) => x.serverId.localeCompare(y.serverId));
    expect(await sorted()).toEqual([
      aNode('a', { beat: 2 }),
      aNode('b', { url: 'wss://b.example.com/stream', position: { latitude: 1, longitude: 2 } }),
    ]);
    await registry.remove('b');
    await registry.remove('nobody');
    expect(await sorted()).toEqual([aNode('a', { beat: 2 })]);
  });
}

describe('the registry in memory', () => {
  const registry = new MemoryNodeRegistry();
  keepsWhatNodesSay(() => registry);
});

describe.runIf(hasRedis())('the registry in a Redis Cluster', () => {
  let cluster: RedisCluster;
  let registry: RedisNodeRegistry;
  beforeAll(async () => {
    cluster = await RedisCluster.start();
    registry = new RedisNodeRegistry('ours', cluster.urls);
  });
  afterAll(async () => {
    await registry?.close();
    await cluster?.stop();
  });
  const seen = async () => (await registry.read()).map(({ serverId, beat }) => `${serverId} ${beat}`);

  keepsWhatNodesSay(() => registry);

  it('does not show the nodes of another installation on the same Redis', async () => {
    const others = new RedisNodeRegistry('theirs', cluster.urls);
    await others.publish(aNode('x', { beat: 7 }));
    expect(await seen()).toEqual(['a 2']);
    expect((await others.read()).map(({ serverId }) => serverId)).toEqual(['x']);
    await others.close();
  });

  it('needs the URL of one node only, as hosted clusters have one address', async () => {
    // Of five keys some lie at other nodes than the one that is asked.
    for (const installation of ['v', 'w', 'x', 'y', 'z']) {
      const [one, all] = [cluster.urls.slice(0, 1), cluster.urls];
      const [asksOne, asksAll] = [one, all].map((urls) => new RedisNodeRegistry(installation, urls));
      await Promise.all([asksOne!.publish(aNode('a', { beat: 1 })), asksOne!.publish(aNode('b', { beat: 1 }))]);
      expect(await asksAll!.read()).toHaveLength(2);
      await Promise.all([asksOne!.close(), asksAll!.close()]);
    }
  });

  it('passes over entries that make no sense', async () => {
    const redis = new Cluster(cluster.urls);
    await redis.hset(nodesKey('ours'), {
      c: 'no JSON',
      d: '{"serverId":"d"}',
      e: JSON.stringify({ ...aNode('e'), cpu: 7 }),
    });
    redis.disconnect();
    expect(await seen()).toEqual(['a 2']);
  });

  it('goes on when the master of its key is killed', async () => {
    await cluster.killMasterOf(nodesKey('ours'));
    await eventually(() => registry.publish(aNode('a', { beat: 3 })), { within: 15_000, every: 200 });
    expect(await seen()).toEqual(['a 3']);
    await cluster.startAgain();
  });

  it('says that it is away when all of Redis is, and goes on when it is back', async () => {
    await cluster.killAll();
    await expect(registry.publish(aNode('a', { beat: 4 }))).rejects.toThrow(/.+/);
    await expect(registry.read()).rejects.toThrow(/.+/);
    await cluster.startAgain();
    await eventually(() => registry.publish(aNode('a', { beat: 5 })), { within: 15_000, every: 200 });
    expect(await seen()).toEqual(['a 5']);
  });
});
