import { setPriority } from 'node:os';
import { Product } from '../../test/e2e/support/product.ts';
import type { Figure, Scenario } from '../support/figures.ts';
import { ProjectionBacklog } from '../support/projection-backlog.ts';
import { figuresOf, measure } from './measured-load.ts';

const kinds = [
  { name: 'batches of 100', over: 'http', connections: 8, itemsPerRequest: 100, targets: { rate: '20,000' } },
  {
    name: 'one by one, sockets',
    over: 'socket',
    connections: 100,
    itemsPerRequest: 1,
    targets: { rate: '3,000' },
  },
  {
    name: 'one by one, sockets, 3,000/s',
    over: 'socket',
    connections: 100,
    itemsPerRequest: 1,
    perSecond: 3_000,
    targets: { rate: '3,000', p99: '< 50' },
  },
  {
    name: 'one by one, HTTP',
    over: 'http',
    connections: 100,
    itemsPerRequest: 1,
    targets: { rate: '3,000' },
  },
] as const;

/** Each kind is warmed up by itself: code that is compiled for one is compiled anew for the next. */
const warmUpSeconds = 6;
const seconds = 15;

/** Results a second into one gateway, with the projector running beside it. */
export const ingest: Scenario = {
  name: 'ingest',
  help: `Results accepted by one gateway, durable (fsync on) before each answer, spread over 20 runs, with the projector
beside it. Batches: 8 connections post 100 results a request over HTTP. One by one: 100 connections with one
result in flight each, as socket messages and as HTTP requests. Closed loop: as much as there is room for; latency is from the
moment a request was sent to its whole answer. And sockets once more at 3,000/s, from when each result was due. Everything is on this machine, the load in a process of its own, and
CPU is given for each result accepted. What is not projected at the end of a kind is said, and waited for before the next one begins, whose cores it would take. The projector gives
way as it does under npm start (nice 5).`,
  async run(print) {
    const product = await Product.start();
    const figures: Figure[] = [];
    const backlog = await ProjectionBacklog.of(product.postgres.url);
    try {
      setPriority(product.projector.pid!, 5);
      const at = { url: product.url, streamUrl: product.streamUrl, token: await product.adminKey() };
      for (const { name, targets, ...kind } of kinds) {
        print(`${name} …`);
        await measure(product, { ...at, ...kind, seconds: warmUpSeconds });
        figures.push(...figuresOf(name, await measure(product, { ...at, ...kind, seconds }), targets));
        figures.push({ name: `${name}: not yet projected at the end`, value: await backlog.events(), unit: 'events' });
        await backlog.gone();
      }
    } finally {
      await backlog.close();
      await product.stop();
    }
    return figures;
  },
};
