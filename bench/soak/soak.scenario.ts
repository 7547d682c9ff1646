import { isNative, LoadClient, mostSocketsOfNode } from '../live/load-client.ts';
import { type Engine, LiveProduct } from '../live/live-product.ts';
import { type LiveTarget, targetOf } from '../live/live-target.ts';
import { measuredRun } from '../live/measured-run.ts';
import { Publisher } from '../live/publisher.ts';
import type { Figure, Scenario } from '../support/figures.ts';
import { MemorySamples } from './memory-samples.ts';
import { PassingRuns } from './passing-runs.ts';
import { Seen } from './seen.ts';
import { SlowReaders } from './slow-readers.ts';

/** Watchers of one run. */
const watchers = 100;
/** Of all watchers one in fifteen comes and goes. */
const flappingShare = 15;
/** Of the running time, before samples count. */
const warmUpShare = 6;

/** Whether memory stays where it is. */
export const soak: Scenario = {
  name: 'soak',
  help: `The whole product (gateway, projector, PostgreSQL with fsync) under a steady load for 30 minutes (--minutes N): 3,000 watchers
(--subscribers N), 100 of them in each of 30 runs, and 20,000 deliveries/s (--rate N) of results in batches of ten. One
watcher in fifteen is cut off every 10 to 20 s and comes back after 2 s. Beside them, every ten seconds, ten new runs come
with 100 watchers of their own, are watched, ended and left; and each minute 20 watchers of a busy run hardly read, until the
gateway ends them for not answering pings. RSS and heap are what gateway and projector themselves say at /metrics, every 10 s after the first sixth of the time.
Of the heap the lowest sample of each minute counts: what is there after a collection. The slope is that of the line of least
squares. Flat = over the measured time the line rises by less than twice the standard deviation of the samples from it, or by
less than 2 % of their mean. Missing and repeated are over all watchers, by offset; those who hardly read are only asked for
gaps in what they did read. Latency is from when an event was due, over everybody who was in. Left out: the memory of
PostgreSQL and of the kernel (sockets' buffers), TLS, a heap that must hold read models of years. Nothing else need be quiet:
it is memory that counts. --engine ws|uws.`,
  async run(print, options) {
    const most = isNative() ? Number.POSITIVE_INFINITY : mostSocketsOfNode;
    if (!isNative()) print('no compiler (cc): the watchers are a Node.js process, and none of them reads slowly');
    const subscribers = Math.min(most, Number(options.subscribers ?? 3_000));
    const deliveries = Number(options.rate ?? (subscribers * 20) / 3);
    const seconds = Number(options.minutes ?? 30) * 60;
    const product = await LiveProduct.start({ engine: (options.engine ?? 'ws') as Engine, projector: true });
    try {
      return await soaked(product, { subscribers, deliveries, seconds }, print);
    } finally {
      await product.stop();
    }
  },
};

interface Load {
  readonly subscribers: number;
  readonly deliveries: number;
  readonly seconds: number;
}

async function soaked(
  product: LiveProduct,
  { subscribers, deliveries, seconds }: Load,
  print: (line: string) => void,
): Promise<Figure[]> {
  const target = await targetOf(product);
  const httpUrl = `http://127.0.0.1:${product.gateway.httpPort}`;
  const seen = new Seen();
  const rooms = Math.max(1, Math.round(subscribers / watchers));
  const flapping = Math.round(subscribers / flappingShare);
  const publisher = await Publisher.open({ ...target.publish, kind: 'test.finished', rooms });
  // The client knows no events without a stamp: each run begins before anybody comes.
  await publisher.run({ eventsPerSecond: rooms, batch: 1, seconds: 2 });
  const steady = await watch(target, subscribers - flapping, rooms);
  const comers = await watch(target, flapping, rooms);
  const [passing, slow] = [await PassingRuns.start(target, httpUrl, seen), await SlowReaders.start(target, seen)];
  const memory = new MemorySamples([
    { name: 'gateway', metricsUrl: `${httpUrl}/metrics` },
    { name: 'projector', metricsUrl: `http://127.0.0.1:${product.projector!.metricsPort}/metrics` },
  ]);
  try {
    await comers.mark();
    comers.flap(true);
    const run = { eventsPerSecond: (deliveries * rooms) / subscribers, batch: 10, seconds };
    const warmUpMs = (seconds / warmUpShare) * 1_000;
    const [measured] = await Promise.all([
      unlessFailed(measuredRun(steady, publisher, target.processes, run), [passing.loop, slow.loop]),
      memory.take(warmUpMs, seconds * 1_000 - warmUpMs, (line) =>
        print(`${line}; ${steady.now?.ready ?? 0} in, ${steady.now?.missing ?? 0} missing`),
      ),
    ]);
    comers.flap(false);
    seen.add(measured.seen);
    const back = ({ ready, behind }: { ready: number; behind: number }) => ready === flapping && behind === 0;
    seen.add(await comers.until('all are back, and lack nothing', back, 30_000));
    const runs = await passing.stop();
    await slow.stop();
    seen.notAccepted += measured.published.failed;
    const { latency } = measured.seen;
    return [
      ...memory.figures(),
      { name: 'missing', value: seen.missing, unit: 'events', target: '0' },
      { name: 'repeated', value: seen.repeated, unit: 'events', target: '0' },
      { name: 'not accepted', value: seen.notAccepted, unit: 'events', target: '0' },
      { name: 'deliveries', value: seen.events, unit: '' },
      { name: 'deliveries to who stayed', value: measured.seen.events / seconds, unit: '/s' },
      { name: 'latency, p50', value: latency.p50 / 1_000, unit: 'ms' },
      { name: 'latency, p99', value: latency.p99 / 1_000, unit: 'ms' },
      { name: 'cut off and back', value: seen.reconnects, unit: 'times' },
      { name: 'runs that came, ended and were left', value: runs, unit: '' },
      ...Object.entries(measured.cores).map(([who, value]) => ({ name: `CPU of ${who}`, value, unit: 'cores' })),
    ];
  } finally {
    publisher.close();
    await Promise.allSettled([passing.stop(), slow.stop(), steady.stop(), comers.stop()]);
  }
}

/** What is measured; rejects when something beside it has failed meanwhile. */
function unlessFailed<T>(measured: Promise<T>, beside: readonly Promise<void>[]): Promise<T> {
  return Promise.race([measured, ...beside.map((loop) => loop.then(() => measured))]);
}

async function watch(target: LiveTarget, sockets: number, rooms: number): Promise<LoadClient> {
  const client = LoadClient.start({ ...target.subscribe, sockets, rooms: Math.min(rooms, sockets) });
  await client.until('all are in', ({ ready }) => ready === sockets, 60_000);
  return client;
}
