import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectionOptions } from '#platform/database';
import { createDatabase, eventually } from '#platform/testing';
import { ClusterMembership } from '../cluster-membership.ts';
import { type ConnectionsToMove, NodeConnections } from '../node-connections.ts';
import { NodeGauge } from '../node-gauge.ts';
import type { ClusterNode } from '../cluster-node.ts';
import { MemoryNodeRegistry } from '../node-registry.memory.ts';
import { Rebalancing } from './rebalancing.ts';

Logger.overrideLogger(false);

/** A server whose clients go where they are sent, or do not. */
class Server {
  connections = 0;
  cordoned = false;
  stubborn = false;
  readonly membership: ClusterMembership;
  readonly rebalancing: Rebalancing;

  constructor(
    readonly serverId: string,
    registry: MemoryNodeRegistry,
    dataSource: DataSource,
    others: () => readonly Server[],
    shared: boolean,
  ) {
    const options = {
      serverId,
      startId: `start of ${serverId}`,
      shared,
      region: 'local',
      redisUrls: [],
      beatEveryMs: 3_600_000,
    };
    this.membership = new ClusterMembership(options, registry, new Gauge(this));
    this.rebalancing = new Rebalancing(options, this.membership, new Connections(this, others), dataSource);
  }

  async beat(): Promise<void> {
    await this.membership.beat();
    await this.rebalancing.beat();
  }

  async stop(): Promise<void> {
    await this.rebalancing.onModuleDestroy();
    await this.membership.onApplicationShutdown();
  }
}

class Gauge extends NodeGauge {
  constructor(private readonly server: Server) {
    super();
  }

  measure() {
    const { connections, cordoned: draining } = this.server;
    return {
      cpu: 0,
      memory: 0,
      connections,
      maxConnections: 100,
      rooms: 0,
      eventLoopDelayMs: 0,
      latencyMs: 0,
      draining,
    };
  }

  connections(): number {
    return this.server.connections;
  }
}

class Connections extends NodeConnections {
  constructor(
    private readonly server: Server,
    private readonly others: () => readonly Server[],
  ) {
    super();
  }

  async move({ count, target, onGone }: ConnectionsToMove): Promise<number> {
    const asked = Math.min(count, this.server.connections);
    for (let one = 0; one < asked; one++) {
      onGone(!this.server.stubborn);
      this.server.connections -= 1;
      if (!this.server.stubborn) this.others().find(({ serverId }) => serverId === target.serverId)!.connections += 1;
    }
    return asked;
  }

  cordon(on: boolean): void {
    this.server.cordoned = on;
  }
}

class TroubledRegistry extends MemoryNodeRegistry {
  away = false;
  override async publish(node: ClusterNode): Promise<void> {
    if (this.away) throw new Error('away');
    return super.publish(node);
  }
}

let dataSource: DataSource;
let registry: TroubledRegistry;
let servers: Server[] = [];
beforeAll(async () => {
  dataSource = await new DataSource(connectionOptions({ url: await createDatabase() })).initialize();
});
afterAll(() => dataSource?.destroy());
beforeEach(async () => {
  await dataSource.query('update cluster_leader set owner = null');
  await dataSource.query('delete from cluster_moves');
  await dataSource.query('delete from cluster_drains');
});
afterEach(async () => {
  for (const server of servers) await server.stop();
  servers = [];
});

/** Four servers of 100 places each that have heard each other, of which the first one has just begun to lead. */
async function cluster(...connections: number[]): Promise<Server[]> {
  return startCluster(false, connections);
}

async function startCluster(shared: boolean, connections: readonly number[]): Promise<Server[]> {
  // Until then somebody else does: which of them would be first is nobody's choice.
  await dataSource.query(`update cluster_leader set owner = 'nobody', until = clock_timestamp() + interval '1 hour'`);
  registry = new TroubledRegistry();
  servers = connections.map((_, index) => new Server('abcd'[index]!, registry, dataSource, () => servers, shared));
  for (const [index, server] of servers.entries()) server.connections = connections[index]!;
  for (const server of servers) await server.beat();
  for (const server of servers) await server.beat();
  await dataSource.query('update cluster_leader set owner = null');
  await servers[0]!.rebalancing.beat();
  return servers;
}

/** All beat as many times, and what was begun is over. */
async function beats(count: number, of: readonly Server[] = servers): Promise<void> {
  for (let beat = 0; beat < count; beat++) {
    for (const server of of) await server.beat();
    await eventually(async () => {
      const open = await servers[0]!.rebalancing.moves(100);
      expect(open.filter(({ state }) => state === 'running')).toEqual([]);
    });
  }
}
const counts = () => servers.map(({ connections }) => connections);

describe('a cluster', () => {
  it('of 90, 10, 10 and 10 of 100 is brought to 0.85 by itself, in one round', async () => {
    await cluster(90, 10, 10, 10);
    await beats(10);
    expect(counts()[0]).toBe(85);
    expect(counts().reduce((sum, count) => sum + count)).toBe(120);
    const moves = await servers[0]!.rebalancing.moves(10);
    expect(moves.every(({ reason, state, from }) => reason === 'rebalance' && state === 'done' && from === 'a')).toBe(
      true,
    );
    expect(moves.reduce((sum, { moved }) => sum + moved, 0)).toBe(5);
    expect(servers.filter(({ rebalancing }) => rebalancing.leads)).toHaveLength(1);
  });

  it('that nobody has too much of is left alone, until an admin evens it out', async () => {
    const [, b] = await cluster(80, 10, 10, 20);
    await beats(5);
    expect(counts()).toEqual([80, 10, 10, 20]);
    // Whichever server is asked.
    const placed = await b!.rebalancing.start({ reason: 'manual', evenOut: true });
    expect(placed.reduce((sum, { ordered }) => sum + ordered, 0)).toBe(50);
    expect(await servers[2]!.rebalancing.start({ reason: 'manual', evenOut: true })).toMatchObject(
      placed.map(({ id }) => ({ id })),
    );
    await beats(1);
    // Others may not have heard of it yet: asked again, nobody is moved again.
    expect(await servers[3]!.rebalancing.start({ reason: 'manual', evenOut: true })).toHaveLength(placed.length);
    await beats(5);
    expect(counts()).toEqual([30, 30, 30, 30]);
    expect(await b!.rebalancing.moves(50)).toHaveLength(placed.length);
    expect(await b!.rebalancing.start({ reason: 'manual', evenOut: true })).toEqual([]);
  });

  it('has no second round before giver and takers were heard twice since the first', async () => {
    await cluster(100, 10, 10, 10);
    await beats(3);
    expect(counts()[0]).toBe(90);
    await beats(1);
    expect(counts()[0]).toBe(90);
    await beats(6);
    expect(counts()[0]).toBe(85);
  });

  it('empties a server that is drained, which takes nobody until it is undrained, whoever leads', async () => {
    const [a, b] = await cluster(30, 20, 40, 20);
    await b!.rebalancing.drain('a');
    await beats(1);
    expect(a!.cordoned).toBe(true);
    expect(counts()[0]).toBe(0);
    expect(counts().reduce((sum, count) => sum + count)).toBe(110);
    // It came in a moment in which nobody knew.
    a!.connections = 3;
    await beats(6);
    expect(counts()[0]).toBe(0);
    expect((await b!.rebalancing.moves(50)).every(({ reason, to }) => reason === 'drain' && to !== 'a')).toBe(true);
    await b!.rebalancing.undrain('a');
    await beats(1);
    expect(a!.cordoned).toBe(false);
    expect(a!.membership.own().draining).toBe(false);
  });

  it('that stands behind one URL says when it begins to empty a drained server, and does not before the balancers know', async () => {
    const [a, b] = await startCluster(true, [30, 20]);
    await b!.rebalancing.drain('a');
    await beats(2);
    expect(a!.cordoned).toBe(true);
    expect(counts()[0]).toBe(30);
    const drainsIn = (await b!.rebalancing.drains()).get('a')!;
    expect(drainsIn).toBeGreaterThan(0);
    expect(drainsIn).toBeLessThanOrEqual(20_000);
    await dataSource.query(`update cluster_drains set since = since - interval '20 s'`);
    expect((await b!.rebalancing.drains()).get('a')).toBeLessThanOrEqual(0);
    await beats(1);
    expect(counts()).toEqual([0, 50]);
  });

  it('knows of a drain before it lets anybody in, when the drained server starts again', async () => {
    const [a, b] = await cluster(0, 20, 40, 20);
    await b!.rebalancing.drain('a');
    await a!.stop();
    const again = new Server('a', registry, dataSource, () => servers, false);
    servers[0] = again;
    await again.rebalancing.onApplicationBootstrap();
    expect(again.cordoned).toBe(true);
  });

  it('forgets the drain of a server that has been gone for a month, and of no other', async () => {
    const [a, b] = await cluster(0, 20, 40, 20);
    for (const gone of ['long-gone', 'just-gone', 'b']) await a!.rebalancing.drain(gone);
    const since = (days: number) => `seen_at = clock_timestamp() - interval '${days} days 1 minute'`;
    await dataSource.query(`update cluster_drains set ${since(29)} where server_id = 'just-gone'`);
    await dataSource.query(`update cluster_drains set ${since(30)} where server_id = 'long-gone'`);
    // It is there, and says so itself: also one that no registry shows to the leader.
    await dataSource.query(`update cluster_drains set ${since(1)} where server_id = 'b'`);
    await beats(1);
    const rows = await dataSource.query<{ id: string; fresh: boolean }[]>(
      `select server_id as id, seen_at > clock_timestamp() - interval '1 minute' as fresh from cluster_drains order by 1`,
    );
    expect(rows).toEqual([
      { id: 'b', fresh: true },
      { id: 'just-gone', fresh: false },
    ]);
    expect(b!.cordoned).toBe(true);
  });

  it('orders nothing by hand by a map that is old, and empties who is drained once it has a new one', async () => {
    const [a, b] = await cluster(80, 10, 10, 20);
    registry.away = true;
    await beats(2);
    expect(await b!.rebalancing.start({ reason: 'manual', evenOut: true })).toEqual([]);
    expect(await b!.rebalancing.drain('a')).toEqual([]);
    await beats(2);
    expect(a!.cordoned).toBe(true);
    expect(counts()).toEqual([80, 10, 10, 20]);
    registry.away = false;
    await beats(6);
    expect(counts()[0]).toBe(0);
  });

  it('goes on when its leader dies in the middle of a round', async () => {
    const [first, ...others] = await cluster(10, 100, 10, 10);
    await beats(2, [first!]);
    expect(first!.rebalancing.leads).toBe(true);
    await beats(2, servers);
    await dataSource.query(`update cluster_leader set until = clock_timestamp() - interval '1 second'`);
    await beats(8, others);
    expect(others.filter(({ rebalancing }) => rebalancing.leads)).toHaveLength(1);
    expect(counts()[1]).toBe(85);
    await first!.beat();
    expect(first!.rebalancing.leads).toBe(false);
  });

  it('says so when those who were asked did not go', async () => {
    const [a] = await cluster(100, 10, 10, 10);
    a!.stubborn = true;
    await beats(3);
    const moves = await a!.rebalancing.moves(10);
    expect(moves.length).toBeGreaterThan(0);
    for (const move of moves)
      expect(move).toMatchObject({ state: 'failed', moved: 0, problem: 'none of those who were asked went' });
    expect(a!.rebalancing.counts.byReason.get('rebalance')).toEqual({ ordered: 10, moved: 0, failed: 10 });
  });

  it('decides nothing while the database is away, and goes on afterwards', async () => {
    const [a] = await cluster(100, 10, 10, 10);
    await dataSource.query('alter table cluster_leader rename to cluster_leader_away');
    await beatsWithoutDatabase(a!);
    expect(a!.rebalancing.leads).toBe(false);
    await dataSource.query('alter table cluster_leader_away rename to cluster_leader');
    await beats(4);
    expect(counts()[0]).toBe(90);
  });
});

async function beatsWithoutDatabase(server: Server): Promise<void> {
  await server.beat();
  await server.beat();
}
