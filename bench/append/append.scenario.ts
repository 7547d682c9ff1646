import pg from 'pg';
import { migrateDatabase } from '#platform/database';
import type { LocalPostgres } from '#platform/local-postgres';
import { cpuSeconds } from '../support/cpu-seconds.ts';
import { type Figure, median, type Scenario } from '../support/figures.ts';
import { inChild } from '../support/in-child.ts';
import { withPostgres } from '../support/with-postgres.ts';
import type { AppendLoadOptions, AppendLoadResult } from './append-load.ts';
import { installEmmett } from './emmett-log.ts';

const shapes = [
  { name: '16 in flight, 1 event each', inFlight: 16, eventsPerAppend: 1, target: '1 time Emmett' },
  { name: '256 in flight, 1 event each', inFlight: 256, eventsPerAppend: 1, target: '4 times Emmett' },
  { name: '16 in flight, 100 events each', inFlight: 16, eventsPerAppend: 100, target: '2 times Emmett' },
] as const;
const logs = ['testcast', 'emmett'] as const;

const rounds = 3;
const warmUp = 2;
const seconds = 5;

type Measured = AppendLoadResult & { readonly serverMicros: number };

/** Appends a second into the store itself, beside Emmett's on the same server. */
export const append: Scenario = {
  name: 'append',
  help: `Events appended to 1,000 streams through the store's own interface, each of about 200 bytes and durable (fsync on)
before its append is answered; beside it @event-driven-io/emmett-postgresql, installed into a cache of its own, with
the same calls on the same server, one after the other in ${rounds} rounds (medians are given). Ours gives an id an event
(repeats are harmless), a gapless order a slot and an outcome an append; Emmett's expects no version either.
Closed loop, the appending process and the server on this machine. --growth N first fills the log with N million events
and says how the cost of an append has changed.`,
  async run(print, options) {
    installEmmett();
    return withPostgres(async (server) => {
      const urls = { testcast: server.url, emmett: await createPeerDatabase(server.url) };
      await migrateDatabase(urls.testcast);
      const millions = Number(options.growth ?? 0);
      return millions > 0 ? growth(server, millions, print) : besideEmmett(server, urls, print);
    });
  },
};

async function besideEmmett(
  server: LocalPostgres,
  urls: Readonly<Record<(typeof logs)[number], string>>,
  print: (line: string) => void,
): Promise<Figure[]> {
  const seen = new Map<string, Measured[]>();
  for (let round = 1; round <= rounds; round++) {
    for (const { name, target: _, ...shape } of shapes) {
      for (const log of logs) {
        const result = await measure(server, { log, url: urls[log], ...shape, warmUp, seconds });
        print(`round ${round}, ${name}, ${log}: ${Math.round(result.eventsPerSecond)}/s`);
        seen.set(`${name} ${log}`, [...(seen.get(`${name} ${log}`) ?? []), result]);
      }
    }
  }
  return shapes.flatMap(({ name, target }) =>
    figuresOf(name, target, seen.get(`${name} testcast`)!, seen.get(`${name} emmett`)!),
  );
}

function figuresOf(name: string, target: string, ours: readonly Measured[], theirs: readonly Measured[]): Figure[] {
  const middle = (of: readonly Measured[], key: keyof Measured) => median(of.map((one) => one[key]));
  const figure = (what: string, key: keyof Measured, unit: string): Figure => {
    const [value, peerValue] = [middle(ours, key), middle(theirs, key)];
    return { name: `${name}: ${what}`, value, unit, peer: 'Emmett', peerValue, ratio: value / peerValue };
  };
  return [
    { ...figure('events', 'eventsPerSecond', '/s'), target },
    figure('p50', 'p50', 'ms'),
    figure('p99', 'p99', 'ms'),
    figure('CPU of the server an event', 'serverMicros', 'µs'),
  ];
}

/** The same appends into a log that is empty, and again after each million (or ten of them) that was appended to it. */
async function growth(server: LocalPostgres, millions: number, print: (line: string) => void): Promise<Figure[]> {
  const figures: Figure[] = [];
  let stored = 0;
  for (const fill of [0, 1, ...(millions > 1 ? [millions] : [])]) {
    const missing = fill * 1e6 - stored;
    if (missing > 0) {
      print(`filling the log to ${fill} million events …`);
      const load = { log: 'testcast', url: server.url, inFlight: 16, eventsPerAppend: 100 } as const;
      stored += (await inLoad({ ...load, warmUp: 0, seconds: 3_600, events: missing })).events;
      // What autovacuum would do in its own time, so that it does not do it while we measure.
      await onServer(server.url, (client) => client.query('vacuum analyze'));
    }
    for (const { name, target: _, ...shape } of shapes) {
      const result = await measure(server, { log: 'testcast', url: server.url, ...shape, warmUp, seconds });
      stored += result.events;
      figures.push(
        { name: `${fill} million stored, ${name}: events`, value: result.eventsPerSecond, unit: '/s' },
        { name: `${fill} million stored, ${name}: CPU of the server an event`, value: result.serverMicros, unit: 'µs' },
      );
      print(`${fill} million, ${name}: ${Math.round(result.eventsPerSecond)}/s`);
    }
  }
  return figures;
}

async function measure(server: LocalPostgres, options: AppendLoadOptions): Promise<Measured> {
  const before = cpuSeconds(server.pid);
  const result = await inLoad(options);
  const share = options.seconds / (options.seconds + options.warmUp);
  return { ...result, serverMicros: ((cpuSeconds(server.pid) - before) * share * 1e6) / result.events };
}

const inLoad = (options: AppendLoadOptions): Promise<AppendLoadResult> =>
  inChild<AppendLoadResult>(new URL('append.process.js', import.meta.url), options);

async function createPeerDatabase(url: string): Promise<string> {
  await onServer(url, (client) => client.query('create database emmett'));
  const own = new URL(url);
  own.pathname = '/emmett';
  return own.href;
}

async function onServer(url: string, use: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await use(client);
  } finally {
    await client.end();
  }
}
