import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '@testcast/client/node';
import type { ConnectReply } from '@testcast/contracts';
import { eventually, hasRedis, RedisCluster } from '#platform/testing';
import { WebSocket } from 'ws';
import { GatewayCluster } from './support/gateway-cluster.ts';

// A gateway tells of itself every five seconds, and is out after three that others missed.
const seenWithin = { within: 15_000, every: 250 };
const lostWithin = { within: 30_000, every: 500 };

describe.runIf(hasRedis())('three gateways that know each other by a Redis Cluster', () => {
  let redis: RedisCluster;
  let cluster: GatewayCluster;
  let adminKey: string;
  beforeAll(async () => {
    redis = await RedisCluster.start();
    cluster = await GatewayCluster.start(3, redis.urls);
    adminKey = await cluster.adminKey();
    await eventually(() => expectUp(3), seenWithin);
  });
  afterAll(async () => {
    await cluster?.stop();
    await redis?.stop();
  });

  async function connect(gateway = 0): Promise<ConnectReply> {
    const response = await fetch(`${cluster.gateways[gateway]!.url}/v1/connect`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminKey}` },
    });
    expect(response.status).toBe(200);
    return (await response.json()) as ConnectReply;
  }

  async function expectUp(count: number): Promise<void> {
    for (const { url, app } of cluster.gateways) {
      if (app.pid === undefined) continue;
      const metrics = await fetch(`${url}/metrics`).then(
        (response) => response.text(),
        () => '',
      );
      if (metrics === '') continue;
      expect(/testcast_cluster_nodes\{state="up"[^}]*\} (\d+)/.exec(metrics)?.[1]).toBe(String(count));
    }
  }

  it('are all chosen, and each ticket opens the socket of the server that it names', async () => {
    const chosen = new Set<string>();
    const sockets: WebSocket[] = [];
    let clients = 0;
    // One that has just started was busy, and is passed over until its next word.
    await eventually(
      async () => {
        const { serverId, url, ticket } = await connect(clients++ % 3);
        expect(url).toBe(cluster.gateways.find((gateway) => gateway.serverId === serverId)?.streamUrl);
        const { greeting, socket } = await open(`${url}?ticket=${ticket}`);
        sockets.push(socket);
        expect(greeting.serverId).toBe(serverId);
        chosen.add(serverId);
        expect(chosen.size).toBe(3);
      },
      { ...seenWithin, every: 20 },
    );
    for (const socket of sockets) socket.close();
  });

  it('refuse a ticket that is made out to another', async () => {
    const { serverId, ticket } = await connect();
    const other = cluster.gateways.find((gateway) => gateway.serverId !== serverId)!;
    await expect(open(`${other.streamUrl}?ticket=${ticket}`)).rejects.toThrow('401');
  });

  it('move everybody who watches when one goes, and nobody misses or repeats an event', async () => {
    const { app, url, streamUrl } = cluster.gateways[1]!;
    await post('/v1/projects/shop/runs/moving', 'PUT', {});
    const watchers = Array.from({ length: 40 }, () => watch(url, streamUrl, 'run:shop/moving'));
    let posted = 0;
    const traffic = { goesOn: true, ended: Promise.resolve() };
    traffic.ended = (async () => {
      while (traffic.goesOn) {
        const at = Date.now();
        const items = Array.from({ length: 5 }, () => {
          posted += 1;
          const test = { testId: `t${posted}`, title: `t${posted}`, suite: [], attempt: 1 };
          return { kind: 'test.finished', at, ...test, status: 'passed', durationMs: 1 };
        });
        await post('/v1/projects/shop/runs/moving/results', 'POST', items);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    await eventually(() => watchers.forEach(({ offsets }) => expect(offsets.length).toBeGreaterThan(10)));
    await app.stop();
    await new Promise((resolve) => setTimeout(resolve, 500));
    traffic.goesOn = false;
    await traffic.ended;
    // The first event is the run's start.
    await eventually(() => watchers.forEach(({ offsets }) => expect(offsets.at(-1)).toBe(posted + 1)));
    for (const { offsets, states, close } of watchers) {
      expect(offsets).toEqual(Array.from({ length: offsets.length }, (_, index) => index + 1));
      // They would never come back by themselves: the only address that they know is gone.
      expect(states).not.toContain('offline');
      close();
    }
    await app.start();
    await eventually(() => expectUp(3), lostWithin);
  });

  async function post(path: string, method: string, body: unknown): Promise<void> {
    const response = await fetch(cluster.gateways[0]!.url + path, {
      method,
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(await response.text());
  }

  function watch(url: string, streamUrl: string, room: string) {
    const { connection } = createClient({ url, streamUrl, token: adminKey });
    const [offsets, states]: [number[], string[]] = [[], []];
    connection.onState(({ name }) => states.push(name));
    connection.watchStream(room, {
      offset: 0,
      onEvents: (events) => offsets.push(...events.map(({ offset }) => offset)),
      onReset: ({ reason }) => states.push(`reset: ${reason}`),
    });
    return { offsets, states, close: () => connection.close() };
  }

  it('send nobody to one that was killed, and use it again after its return', async () => {
    const { app, serverId } = cluster.gateways[2]!;
    await app.kill();
    await eventually(() => expectUp(2), lostWithin);
    for (let client = 0; client < 10; client++) expect((await connect(client % 2)).serverId).not.toBe(serverId);
    await app.start();
    await eventually(() => expectUp(3), lostWithin);
    await eventually(async () => expect((await connect()).serverId).toBe(serverId), { ...seenWithin, every: 50 });
  });

  it('keep their sockets, and go on choosing, when all of Redis is gone', async () => {
    const { url, ticket } = await connect();
    let closed = false;
    const { socket } = await open(`${url}?ticket=${ticket}`);
    socket.on('close', () => (closed = true));
    await redis.killAll();
    await eventually(async () => {
      const metrics = await (await fetch(`${cluster.gateways[0]!.url}/metrics`)).text();
      expect(metrics).toMatch(/testcast_cluster_registry_up(\{[^}]*\})? 0/);
    }, seenWithin);
    const chosen = new Set<string>();
    for (let client = 0; client < 100; client++) chosen.add((await connect()).serverId);
    expect(chosen.size).toBeGreaterThan(1);
    expect(closed).toBe(false);
    socket.close();
  });
});

async function open(url: string): Promise<{ socket: WebSocket; greeting: { serverId: string } }> {
  const socket = new WebSocket(url, ['testcast.v1']);
  const greeting = await new Promise<{ serverId: string }>((resolve, reject) => {
    socket.once('message', (data: Buffer) => resolve(JSON.parse(data.toString()) as { serverId: string }));
    socket.once('error', reject);
  });
  return { socket, greeting };
}
