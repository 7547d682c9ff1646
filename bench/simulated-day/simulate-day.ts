import { dayEvents, regionOf, secondsADay, wantedClients } from './day-plan.ts';
import { seededRandom } from './seeded-random.ts';
import { SimulatedCluster, type Happened } from './simulated-cluster.ts';
import { capacity } from './simulated-gateway.ts';

/** How long somebody watches, on average. */
const visitSeconds = 2700;
const sampleEvery = 60;

/** The cluster at one moment, and what happened in the minute before. */
export interface DaySample extends Omit<Happened, 'refusedBeforeFull'> {
  /** Seconds of the day. */
  readonly at: number;
  readonly wanted: number;
  readonly connected: number;
  /** Clients that wait, whyever. */
  readonly waiting: number;
  /** Of them, those who were answered 503. */
  readonly refused: number;
  readonly replicas: number;
  readonly ready: number;
  readonly capacity: number;
  /** Shares of the places that are taken, of the emptiest and the fullest server that is ready. */
  readonly emptiest: number;
  readonly fullest: number;
}

export interface Day {
  readonly seed: number;
  readonly samples: readonly DaySample[];
  /** Over the day; the same as the sums of the samples. */
  readonly totals: Happened & { readonly mostRefused: number; readonly secondsWithRefused: number };
  /** Clients of whom it is not known where they are: none, or the simulation is wrong. */
  readonly lost: number;
}

export interface DayOptions {
  readonly seed: number;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** The day, or a part of it. Deterministic: the same seed makes the same day. */
export function simulateDay({ seed, from = 0, to = secondsADay }: DayOptions): Day {
  const random = seededRandom(seed);
  const cluster = new SimulatedCluster(random, Math.max(4, Math.ceil(wantedClients(from) / 2000)));
  const samples: DaySample[] = [];
  const totals = { ...cluster.happened, mostRefused: 0, secondsWithRefused: 0 };
  let inAll = 0;
  for (let at = from; at < to; at++) {
    for (const event of dayEvents) if (event.at === at) act(cluster, event);
    const { connected, waiting } = cluster.clients;
    const visitsEnd = atRandom(connected / visitSeconds, random);
    const change = wantedClients(at) - (connected + waiting);
    const leaving = Math.min(connected, visitsEnd + Math.max(0, -change));
    const arriving = Array.from({ length: Math.max(0, change) + visitsEnd }, () => regionOf(at, random()));
    inAll += arriving.length - leaving;
    cluster.tick(arriving, leaving);
    if (cluster.refusedNow > 0) totals.secondsWithRefused += 1;
    if ((at + 1) % sampleEvery === 0) samples.push(sampleOf(cluster, at + 1, totals));
  }
  const { connected, waiting } = cluster.clients;
  return { seed, samples, totals, lost: inAll - connected - waiting };
}

function act(cluster: SimulatedCluster, event: (typeof dayEvents)[number]): void {
  if (event.kind === 'crash') cluster.crash(event.gateways);
  if (event.kind === 'node-lost') cluster.loseNode(event.gateways);
  if (event.kind === 'deploy') cluster.deploy();
}

/** A whole number whose mean is this. */
function atRandom(mean: number, random: () => number): number {
  return Math.floor(mean) + (random() < mean % 1 ? 1 : 0);
}

function sampleOf(cluster: SimulatedCluster, at: number, totals: Happened & { mostRefused: number }): DaySample {
  const { happened, up } = cluster;
  cluster.happened = cluster.nothingYet();
  const { refusedBeforeFull, ...rest } = happened;
  for (const key of ['admitted', 'refusals', 'misdirected', 'moved', 'cutOff'] as const) totals[key] += happened[key];
  totals.refusedBeforeFull += refusedBeforeFull;
  totals.longestWait = Math.max(totals.longestWait, happened.longestWait);
  totals.mostRefused = Math.max(totals.mostRefused, cluster.refusedNow);
  const loads = up.map(({ clients }) => clients.size / capacity);
  return {
    at,
    wanted: wantedClients(at),
    ...cluster.clients,
    refused: cluster.refusedNow,
    replicas: cluster.replicas,
    ready: up.length,
    capacity: up.length * capacity,
    emptiest: Math.min(...loads),
    fullest: Math.max(...loads),
    ...rest,
  };
}
