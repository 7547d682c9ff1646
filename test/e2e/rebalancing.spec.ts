import { createClient } from '@testcast/client/node';
import { type ClusterMove, type ClusterView, clusterViewSchema } from '@testcast/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, hasRedis, RedisCluster } from '#platform/testing';
import { GatewayCluster } from './support/gateway-cluster.ts';

const runs = ['one', 'two', 'three'];
const places = 100;

describe.runIf(hasRedis())('four gateways of a hundred places', () => {
  let redis: RedisCluster;
  let cluster: GatewayCluster;
  let adminKey: string;
  const posted = new Map(runs.map((run) => [run, 0]));
  const watchers: ReturnType<typeof watch>[] = [];
  const traffic = { goesOn: true, ended: Promise.resolve() };
  beforeAll(async () => {
    redis = await RedisCluster.start();
    cluster = await GatewayCluster.start(4, redis.urls, { MAX_CONNECTIONS: String(places) });
    adminKey = await cluster.adminKey();
  });
  afterAll(async () => {
    traffic.goesOn = false;
    await traffic.ended.catch(() => undefined);
    for (const { close } of watchers) close();
    await cluster?.stop();
    await redis?.stop();
  });

  async function call<T>(gateway: number, method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(cluster.gateways[gateway]!.url + path, {
      method,
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  async function view(gateway = 3): Promise<ClusterView> {
    return clusterViewSchema.parse(await call(gateway, 'GET', '/v1/admin/cluster'));
  }

  async function loads(gateway = 3): Promise<Record<string, number>> {
    const { nodes } = await view(gateway);
    return Object.fromEntries(
      nodes.filter(({ state }) => state === 'up').map(({ serverId, connections }) => [serverId.slice(-1), connections]),
    );
  }

  function watch(gateway: number, run: string) {
    const { url, streamUrl } = cluster.gateways[gateway]!;
    const { connection } = createClient({ url, streamUrl, token: adminKey });
    const offsets: number[] = [];
    connection.watchStream(`run:shop/${run}`, {
      offset: 0,
      onEvents: (events) => offsets.push(...events.map(({ offset }) => offset)),
      onReset: ({ reason }) => offsets.push(Number.NaN) && process.stderr.write(`reset: ${reason}\n`),
    });
    return { run, offsets, close: () => connection.close() };
  }

  async function post(): Promise<void> {
    while (traffic.goesOn) {
      for (const run of runs) {
        const items = Array.from({ length: 3 }, () => {
          const number = posted.get(run)! + 1;
          posted.set(run, number);
          const test = { testId: `t${number}`, title: `t${number}`, suite: [], attempt: 1 };
          return { kind: 'test.finished', at: Date.now(), ...test, status: 'passed', durationMs: 1 };
        });
        await call(2, 'POST', `/v1/projects/shop/runs/${run}/results`, items);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  it('are kept from being full by one of them, evened out by hand, and go on when that one is killed in the middle', async () => {
    for (const run of runs) await call(2, 'PUT', `/v1/projects/shop/runs/${run}`, {});
    // It was the first one that was there.
    await eventually(async () => {
      const { nodes } = await view();
      expect(nodes.filter(({ state }) => state === 'up')).toHaveLength(4);
      expect(nodes.find(({ leader }) => leader)?.serverId).toBe('gateway-1');
    }, within);
    traffic.ended = post();
    for (const [gateway, clients] of [10, 90, 10, 10].entries())
      for (let client = 0; client < clients; client++) watchers.push(watch(gateway, runs[client % runs.length]!));

    // By itself: half of what is above 0.8, and no more once it is at 0.85.
    await eventually(async () => expect((await loads())['2']).toBe(85), within);
    const automatic = (await view()).moves;
    expect(automatic.every(({ reason, from }) => reason === 'rebalance' && from === 'gateway-2')).toBe(true);
    expect(sum(automatic, ({ ordered }) => ordered)).toBe(5);

    // By hand, and its leader dies while it is under way.
    await eventually(async () => {
      // Until figures show what the last round has moved, the answer is that round.
      const { moves } = await call<{ moves: ClusterMove[] }>(3, 'POST', '/v1/admin/cluster/rebalance', {});
      expect(sum(moves, ({ ordered }) => ordered)).toBeGreaterThan(50);
    }, within);
    await cluster.gateways[0]!.app.kill();
    await cluster.gateways[0]!.app.start();
    await eventually(async () => {
      const { nodes, moves: now } = await view();
      expect(now.filter(({ endedAt }) => endedAt === undefined)).toEqual([]);
      expect(nodes.filter(({ state }) => state === 'up')).toHaveLength(4);
      expect(nodes.filter(({ leader }) => leader)).toHaveLength(1);
    }, within);

    // Who was sent to the one that died came back to where they were.
    await eventually(async () => {
      await call(3, 'POST', '/v1/admin/cluster/rebalance', {});
      const now = Object.values(await loads());
      expect(sum(now, (count) => count)).toBe(120);
      for (const count of now) expect(Math.abs(count - 30)).toBeLessThanOrEqual(1.5);
    }, within);

    traffic.goesOn = false;
    await traffic.ended;
    // The first event is the run's start.
    await eventually(
      () => watchers.forEach(({ run, offsets }) => expect(offsets.at(-1)).toBe(posted.get(run)! + 1)),
      within,
    );
    for (const { offsets } of watchers) expect(offsets).toEqual(offsets.map((_, index) => index + 1));
  });
});

/** Beats are five seconds apart, and a lease lasts three of them. */
const within = { within: 60_000, every: 500 };

function sum<T>(of: readonly T[], value: (each: T) => number): number {
  return of.reduce((total, each) => total + value(each), 0);
}
