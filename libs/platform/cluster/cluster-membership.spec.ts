import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, it } from 'vitest';
import { DomainError } from '#platform/kernel';
import { ClusterMembership } from './cluster-membership.ts';
import type { ClusterNode, NodeLoad } from './cluster-node.ts';
import type { ClusterOptions } from './cluster-options.ts';
import { NodeGauge } from './node-gauge.ts';
import { MemoryNodeRegistry } from './node-registry.memory.ts';
import { ServerSelector } from './server-selector.ts';

Logger.overrideLogger(false);

class Gauge extends NodeGauge {
  load: NodeLoad = {
    cpu: 0,
    memory: 0,
    connections: 0,
    maxConnections: 100,
    rooms: 0,
    eventLoopDelayMs: 0,
    latencyMs: 0,
    draining: false,
  };
  measure(): NodeLoad {
    return this.load;
  }
  connections(): number {
    return this.load.connections;
  }
}

class TroubledRegistry extends MemoryNodeRegistry {
  away = false;
  override async publish(node: ClusterNode): Promise<void> {
    if (this.away) throw new Error('away');
    return super.publish(node);
  }
  override async read(): Promise<ClusterNode[]> {
    if (this.away) throw new Error('away');
    return super.read();
  }
}

const started: ClusterMembership[] = [];
afterEach(async () => {
  for (const one of started.splice(0)) await one.onApplicationShutdown();
});

function server(registry: TroubledRegistry, serverId: string, more: Partial<ClusterOptions> = {}) {
  const options = {
    serverId,
    startId: 's',
    shared: true,
    region: 'local',
    redisUrls: [],
    beatEveryMs: 3_600_000,
    ...more,
  };
  const gauge = new Gauge();
  const membership = new ClusterMembership(options, registry, gauge);
  const selector = new ServerSelector(membership, options);
  started.push(membership);
  const sees = () => membership.nodes().map((node) => node.serverId);
  return { membership, selector, gauge, sees };
}

describe('servers', () => {
  it('see each other once each has told of itself', async () => {
    const registry = new TroubledRegistry();
    const [a, b] = [server(registry, 'a'), server(registry, 'b')];
    await a.membership.beat();
    await b.membership.beat();
    await a.membership.beat();
    expect(a.sees()).toEqual(['a', 'b']);
    expect(b.sees()).toEqual(['b', 'a']);
  });

  it('keep the last known map while the registry is away, and tell again when it is back', async () => {
    const registry = new TroubledRegistry();
    const [a, b] = [server(registry, 'a'), server(registry, 'b')];
    for (const one of [a, b, a]) await one.membership.beat();
    registry.away = true;
    for (let beat = 0; beat < 10; beat++) await a.membership.beat();
    expect(a.sees()).toEqual(['a', 'b']);
    expect(a.membership.registryUp).toBe(false);
    registry.away = false;
    await registry.remove('a');
    await a.membership.beat();
    expect(a.membership.registryUp).toBe(true);
    expect((await registry.read()).map(({ serverId }) => serverId)).toContain('a');
  });

  it('drop one that fell silent after three beats', async () => {
    const registry = new TroubledRegistry();
    const [a, b] = [server(registry, 'a'), server(registry, 'b')];
    for (const one of [a, b, a]) await one.membership.beat();
    for (let beat = 0; beat < 3; beat++) await a.membership.beat();
    expect(a.sees()).toEqual(['a']);
    expect(a.membership.lost().map(({ serverId }) => serverId)).toEqual(['b']);
  });

  it('that are going say so first, and leave nothing behind', async () => {
    const registry = new TroubledRegistry();
    const [a, b] = [server(registry, 'a'), server(registry, 'b')];
    for (const one of [a, b]) await one.membership.beat();
    await a.membership.onModuleDestroy();
    await b.membership.beat();
    expect(b.membership.nodes().find(({ serverId }) => serverId === 'a')?.draining).toBe(true);
    await a.membership.onApplicationShutdown();
    for (let beat = 0; beat < 4; beat++) await b.membership.beat();
    expect((await registry.read()).map(({ serverId }) => serverId)).toEqual(['b']);
  });

  it('are not taken for lost, however fast they go', async () => {
    const registry = new TroubledRegistry();
    const [a, b] = [server(registry, 'a'), server(registry, 'b')];
    for (const one of [a, b]) await one.membership.beat();
    await a.membership.onModuleDestroy();
    await a.membership.onApplicationShutdown();
    for (let beat = 0; beat < 10; beat++) {
      await b.membership.beat();
      expect([b.sees(), b.membership.lost()]).toEqual([['b'], []]);
    }
  });
});

describe('a client', () => {
  it('is sent where there is room', async () => {
    const registry = new TroubledRegistry();
    const [a, b] = [server(registry, 'a'), server(registry, 'b')];
    a.gauge.load = { ...a.gauge.load, connections: 90 };
    for (const one of [a, b, a]) await one.membership.beat();
    expect((await a.selector.select({ address: '127.0.0.1' })).serverId).toBe('b');
  });

  it('is not sent back to a server that it has lost, as long as there is another', async () => {
    const registry = new TroubledRegistry();
    const [a, b] = [server(registry, 'a'), server(registry, 'b')];
    // Emptier, and not to be reached.
    b.gauge.load = { ...b.gauge.load, connections: 90 };
    for (const one of [a, b, a]) await one.membership.beat();
    const to = async (avoid: string[]) => (await a.selector.select({ address: '127.0.0.1', avoid })).serverId;
    expect(await to([])).toBe('a');
    expect(await to(['a'])).toBe('b');
    expect(await to(['a', 'b'])).toBe('a');
  });

  it('is sent to its region by its address, or where it asks to be', async () => {
    const registry = new TroubledRegistry();
    const eu = server(registry, 'eu', { region: 'eu', position: { latitude: 50, longitude: 8 } });
    const us = server(registry, 'us', { region: 'us', position: { latitude: 38, longitude: -78 } });
    for (const one of [eu, us, eu]) await one.membership.beat();
    expect((await eu.selector.select({ address: '8.8.8.8' })).serverId).toBe('us');
    expect((await eu.selector.select({ address: '141.20.1.1' })).serverId).toBe('eu');
    expect((await eu.selector.select({ address: '141.20.1.1', region: 'us' })).serverId).toBe('us');
  });

  it('is told to come again when all are full, those on their way counted', async () => {
    const { selector, gauge, membership } = server(new TroubledRegistry(), 'a');
    gauge.load = { ...gauge.load, connections: 98 };
    await membership.beat();
    await selector.select({ address: '' });
    await selector.select({ address: '' });
    await expect(selector.select({ address: '' })).rejects.toMatchObject({
      code: 'connection.limit',
      retryAfterMs: 5000,
    });
    await expect(selector.select({ address: '' })).rejects.toBeInstanceOf(DomainError);
  });

  it('finds servers evenly filled although all ask one of them', async () => {
    const registry = new TroubledRegistry();
    const all = ['a', 'b', 'c', 'd'].map((id) => server(registry, id));
    for (const one of all) one.gauge.load = { ...one.gauge.load, maxConnections: 1000 };
    for (const { membership } of [...all, all[0]!]) await membership.beat();
    const counts = new Map<string, number>();
    for (let client = 0; client < 2000; client++) {
      const { serverId } = await all[0]!.selector.select({ address: '' });
      counts.set(serverId, (counts.get(serverId) ?? 0) + 1);
      const { gauge } = all.find(({ membership }) => membership.own().serverId === serverId)!;
      gauge.load = { ...gauge.load, connections: gauge.load.connections + 1 };
    }
    for (const count of counts.values()) expect(Math.abs(count - 500)).toBeLessThan(25);
  });

  it('of a crowd of 10,000 finds four servers evenly filled, although beats fall into it', async () => {
    const registry = new TroubledRegistry();
    const all = ['a', 'b', 'c', 'd'].map((id) => server(registry, id));
    for (const one of all) one.gauge.load = { ...one.gauge.load, maxConnections: 3000 };
    for (const { membership } of [...all, ...all]) await membership.beat();
    for (let client = 0; client < 10_000; client++) {
      const { serverId } = await all[client % 4]!.selector.select({ address: '' });
      const { gauge } = all[['a', 'b', 'c', 'd'].indexOf(serverId)]!;
      gauge.load = { ...gauge.load, connections: gauge.load.connections + 1 };
      // In ten seconds each of them has two beats, at times of its own, and is asked twice a second.
      if (client % 1250 === 0) await all[(client / 1250) % 4]!.membership.beat();
      if (client % 125 === 0) await all[(client / 125) % 4]!.membership.freshen();
    }
    for (const { gauge } of all) expect(Math.abs(gauge.load.connections - 2500)).toBeLessThan(125);
  });

  it('finds a server during an outage of the registry, however many have come and gone', async () => {
    const registry = new TroubledRegistry();
    const [a, b] = [server(registry, 'a'), server(registry, 'b')];
    for (const one of [a, b, a]) await one.membership.beat();
    registry.away = true;
    // Each server has 100 places, and nobody stays: figures that are known stand still.
    for (let beat = 0; beat < 20; beat++) {
      await a.membership.beat();
      for (let client = 0; client < 40; client++)
        await expect(a.selector.select({ address: '' })).resolves.toBeDefined();
    }
  });

  it('is placed without its position when the database cannot be read', async () => {
    const registry = new TroubledRegistry();
    const eu = server(registry, 'eu', { region: 'eu', placesFile: '/nowhere/places.mmdb' });
    const us = server(registry, 'us', { region: 'us' });
    for (const one of [us, eu]) await one.membership.beat();
    await expect(eu.selector.select({ address: '8.8.8.8' })).resolves.toMatchObject({ maxConnections: 100 });
  });
});
