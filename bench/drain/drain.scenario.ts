import { setTimeout as delay } from 'node:timers/promises';
import { eventually, hasRedis, RedisCluster } from '#platform/local-services';
import { isNative, LoadClient, mostSocketsOfNode } from '../live/load-client.ts';
import { type Engine, LiveProduct } from '../live/live-product.ts';
import { targetOf } from '../live/live-target.ts';
import { measuredRun } from '../live/measured-run.ts';
import { Publisher } from '../live/publisher.ts';
import { nowMicros } from '../live/publishing.ts';
import type { Figure, Scenario } from '../support/figures.ts';

/** A server is taken out of service while another takes over. */
export const drain: Scenario = {
  name: 'drain',
  help: `10,000 subscribers in 100 rooms on one gateway of two, which know each other by a Redis Cluster of six. The other one takes
100 events/s (10,000 deliveries/s) and the first gets SIGTERM: it names its subscribers the other one, at a paced rate, each
with a token, and ends. They open that before they leave this one, and drop what comes twice meanwhile. Time is from the
signal until everybody is in its room on the other gateway; time away is that without a connection that is in, of which
nobody may have any. Without redis-server the two do not know of each other: everybody is closed, told when to come back, and is
away for that long. Subscribers go on from their own offsets; each event must arrive once. Latency is from when an event was
due. --subscribers, --rooms, --rate, --seconds (of traffic, 30), --engine ws|uws. PostgreSQL with fsync, no projector, no balancer.`,
  async run(print, options) {
    const most = isNative() ? Number.POSITIVE_INFINITY : mostSocketsOfNode;
    const sockets = Math.min(most, Number(options.subscribers ?? 10_000));
    const rooms = Math.min(sockets, Number(options.rooms ?? 100));
    const eventsPerSecond = (Number(options.rate ?? sockets) * rooms) / sockets;
    const redis = hasRedis() ? await RedisCluster.start() : undefined;
    if (redis === undefined) print('no redis-server: the gateways do not know of each other, and everybody is closed');
    const engine = (options.engine ?? 'ws') as Engine;
    const known = redis === undefined ? {} : { ownUrls: true, settings: { REDIS_URL: redis.urls.join(',') } };
    const product = await LiveProduct.start({ engine, ...known });
    try {
      const other = await product.addGateway();
      if (redis !== undefined) await eventually(() => expectBothKnown(product), { within: 30_000, every: 250 });
      const { subscribe, publish } = await targetOf(product);
      // Not all at once: whoever is refused goes to the next gateway, and would not be there to be drained.
      const client = LoadClient.start({ ...subscribe, sockets, rooms, opening: 256 });
      const url = `ws://127.0.0.1:${other.streamPort}/stream`;
      const publisher = await Publisher.open({ ...publish, url, rooms });
      try {
        await client.until('all are in', ({ ready }) => ready === sockets, 60_000);
        await publisher.run({ eventsPerSecond, batch: 1, seconds: 3 });
        const run = { eventsPerSecond, batch: 1, seconds: Number(options.seconds ?? 30) };
        const [measured, drained] = await Promise.all([
          measuredRun(client, publisher, product.processes, run),
          drainFirst(product, client, sockets),
        ]);
        return figuresOf({ ...measured, ...drained }, redis === undefined, print);
      } finally {
        publisher.close();
        await client.stop();
      }
    } finally {
      await product.stop();
      await redis?.stop();
    }
  },
};

async function expectBothKnown({ gateways }: LiveProduct): Promise<void> {
  for (const { httpPort } of gateways) {
    const metrics = await (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text();
    const up = /testcast_cluster_nodes\{state="up"[^}]*\} (\d+)/.exec(metrics)?.[1];
    if (up !== String(gateways.length)) throw new Error(`a gateway knows of ${up} that are up`);
  }
}

interface Drained {
  readonly movedSeconds: number;
  readonly endedSeconds: number;
}

async function drainFirst(product: LiveProduct, client: LoadClient, sockets: number): Promise<Drained> {
  await delay(2_000);
  const signalled = nowMicros();
  const ended = product.gateway.process.kill('SIGTERM').then(() => nowMicros());
  // All may be ready still, before the first one has been told.
  await client.until('somebody has left', ({ lost, moved }) => lost + moved > 0, 30_000);
  await client.until('all are back', ({ ready, lost, moved }) => ready === sockets && lost + moved >= sockets, 60_000);
  return { movedSeconds: (nowMicros() - signalled) / 1e6, endedSeconds: ((await ended) - signalled) / 1e6 };
}

function figuresOf(
  { seen, movedSeconds, endedSeconds, published }: Awaited<ReturnType<typeof measuredRun>> & Drained,
  closed: boolean,
  print: (line: string) => void,
): Figure[] {
  const figures: Figure[] = [
    { name: 'all on the other gateway', value: movedSeconds, unit: 's', target: '< 30' },
    { name: 'the drained one has ended', value: endedSeconds, unit: 's' },
    { name: 'missing', value: seen.missing + seen.behindEvents, unit: 'events', target: '0' },
    { name: 'repeated', value: seen.repeated, unit: 'events', target: '0' },
    { name: 'moved with no time away', value: seen.moved, unit: '' },
    { name: 'closed, and came back', value: seen.reconnects, unit: '', ...(closed ? {} : { target: '0' }) },
    { name: 'away, p50', value: seen.away.p50 / 1_000, unit: 'ms' },
    { name: 'away, p99', value: seen.away.p99 / 1_000, unit: 'ms' },
    { name: 'replay, p99', value: seen.replay.p99 / 1_000, unit: 'ms' },
    { name: 'refused on the way', value: seen.refused, unit: '' },
    { name: 'live latency, p50', value: seen.latency.p50 / 1_000, unit: 'ms' },
    { name: 'live latency, p99', value: seen.latency.p99 / 1_000, unit: 'ms' },
    { name: 'not accepted', value: published.failed, unit: 'events', target: '0' },
  ];
  print(
    figures
      .slice(0, 6)
      .map(({ name, value }) => `${name} ${value.toFixed(2)}`)
      .join(', '),
  );
  return figures;
}
