import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KafkaBroker, kafkaClassPath } from '#platform/local-services';
import { LoadClient } from '../live/load-client.ts';
import { type Engine, type LiveGateway, LiveProduct } from '../live/live-product.ts';
import { targetOf } from '../live/live-target.ts';
import { measuredRun, type MeasuredRun } from '../live/measured-run.ts';
import { Publisher } from '../live/publisher.ts';
import type { Figure, Scenario, ScenarioOptions } from '../support/figures.ts';
import { timesOf, type Ways, waysOf } from './way-times.ts';

const rooms = 100;
const warmUpSeconds = 5;
const targets = {
  'same gateway': '< 10',
  'another gateway, by the log': undefined,
  'another gateway, by Kafka': '< 50',
} as const;
type Way = keyof typeof targets;

/** From commit to a socket, wherever the socket is. */
export const crossNode: Scenario = {
  name: 'cross-node',
  help: `1,000 results a second (--rate N) are reported one by one at one gateway of two, into 100 runs, for 20 s (--seconds N).
Each run has a watcher on the same gateway (local echo) and one on the other, which hears of commits by the log, and in a
second round, with the projector that relays them, by a Kafka of one broker (left out, with a line, where there is none). Publisher and
watchers are processes of their own. Two times are given for each way: from when a result was due to its arrival, the append with
fsync included (open loop: what stalls shows); and from when the publisher had read that it is safe, which is a little after
the commit; what arrived before that took no time. The targets are for the second. How long an acknowledgement took is given as
well. Left out: other machines' networks, TLS, in-sync replicas of Kafka, in the first round the projector. --engine ws|uws.`,
  async run(print, options) {
    const figures = await round('another gateway, by the log', {}, options, print);
    const classPath = kafkaClassPath();
    if (classPath === undefined) {
      print('no Kafka: the way through it is left out');
      return figures;
    }
    const broker = await KafkaBroker.start(classPath);
    try {
      const kafka = { settings: { KAFKA_BROKERS: broker.address }, projector: true };
      return [...figures, ...(await round('another gateway, by Kafka', kafka, options, print, broker.pid))];
    } finally {
      await broker.stop();
    }
  },
};

async function round(
  way: Way,
  extra: { readonly settings?: Record<string, string>; readonly projector?: boolean },
  options: ScenarioOptions,
  print: (line: string) => void,
  kafkaPid?: number,
): Promise<Figure[]> {
  const directory = await mkdtemp(path.join(tmpdir(), 'testcast-arrivals-'));
  const product = await LiveProduct.start({ engine: (options.engine ?? 'ws') as Engine, ...extra });
  const clients: LoadClient[] = [];
  try {
    const other = await product.addGateway();
    const target = await targetOf(product);
    const publisher = await Publisher.open({ ...target.publish, rooms });
    try {
      const eventsPerSecond = Number(options.rate ?? 1_000);
      const seconds = Number(options.seconds ?? 20);
      // Each run begins before anybody comes: the client knows no events without a stamp.
      await publisher.run({ eventsPerSecond, seconds: warmUpSeconds, batch: 1 });
      const file = (index: number) => path.join(directory, `arrivals-${index}`);
      for (const [index, gateway] of [product.gateway, other].entries()) {
        clients.push(await watch(target.subscribe, gateway, file(index)));
      }
      const [near, far] = clients as [LoadClient, LoadClient];
      await publisher.run({ eventsPerSecond, seconds: warmUpSeconds, batch: 1 });
      await near.mark();
      const processes = { ...target.processes, ...(kafkaPid === undefined ? {} : { Kafka: kafkaPid }) };
      const run = { eventsPerSecond, seconds, batch: 1, acknowledgements: true };
      const measured = await measuredRun(far, publisher, processes, run);
      const seen = await near.report();
      const { acknowledged } = measured.published;
      const ways = await Promise.all([waysOf(file(0), acknowledged), waysOf(file(1), acknowledged)]);
      const named = [
        [
          way === 'another gateway, by Kafka' ? 'same gateway, beside Kafka' : 'same gateway',
          ways[0],
          targets['same gateway'],
          seen,
        ],
        [way, ways[1], targets[way], measured.seen],
      ] as const;
      for (const [name, { fromDue, fromAcknowledged: from }] of named) {
        print(
          `${name}: from the acknowledgement p50 ${from.p50.toFixed(1)} p99 ${from.p99.toFixed(1)} longest ${from.longest.toFixed(1)} ms, ` +
            `from due p50 ${fromDue.p50.toFixed(1)} p99 ${fromDue.p99.toFixed(1)} ms`,
        );
      }
      return [
        ...named.flatMap(([name, times, aim, { missing, behindEvents, repeated }]) => [
          ...wayFigures(name, times, aim),
          {
            name: `${name}: missing or repeated`,
            value: missing + behindEvents + repeated,
            unit: 'events',
            target: '0',
          },
        ]),
        ...runFigures(way, measured),
      ];
    } finally {
      publisher.close();
    }
  } finally {
    await Promise.all(clients.map((client) => client.stop()));
    await product.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function watch(
  subscribe: Awaited<ReturnType<typeof targetOf>>['subscribe'],
  { streamPort }: LiveGateway,
  arrivals: string,
): Promise<LoadClient> {
  const client = LoadClient.start({ ...subscribe, ports: [streamPort], sockets: rooms, rooms, arrivals });
  await client.until('all watchers are in', ({ ready }) => ready === rooms, 30_000);
  return client;
}

function wayFigures(name: string, { fromDue, fromAcknowledged }: Ways, target: string | undefined): Figure[] {
  const times = [
    ['from the acknowledgement', fromAcknowledged, target],
    ['from due', fromDue, undefined],
  ] as const;
  return times.flatMap(([since, { p50, p95, p99, longest }, aim]) => [
    { name: `${name}, ${since}: p50`, value: p50, unit: 'ms' },
    { name: `${name}, ${since}: p95`, value: p95, unit: 'ms' },
    { name: `${name}, ${since}: p99`, value: p99, unit: 'ms', ...(aim === undefined ? {} : { target: aim }) },
    { name: `${name}, ${since}: longest`, value: longest, unit: 'ms' },
  ]);
}

function runFigures(name: string, { published, cores }: MeasuredRun): Figure[] {
  const { p50, p99 } = timesOf(published.acknowledged.map(([due, at]) => (at - due) / 1_000));
  return [
    { name: `${name}: acknowledged, p50`, value: p50, unit: 'ms' },
    { name: `${name}: acknowledged, p99`, value: p99, unit: 'ms' },
    { name: `${name}: not accepted`, value: published.failed, unit: 'events', target: '0' },
    ...Object.entries(cores).map(([who, value]) => ({ name: `${name}: CPU of ${who}`, value, unit: 'cores' })),
  ];
}
