import { requiredPolicy } from './pod-autoscaler.ts';
import { seededRandom } from './seeded-random.ts';
import type { Region } from './region.ts';
import { SimulatedCluster } from './simulated-cluster.ts';

/** What a burst within a minute does to a cluster that has found its number of pods. */
export interface BurstLimit {
  readonly clients: number;
  readonly pods: number;
  /** The largest burst of which nobody is refused, to a hundred. */
  readonly unrefused: number;
  /** Of a burst of 5,000. */
  readonly refusedOf5000: number;
  readonly longestWaitOf5000: number;
}

const settleSeconds = 180;
const afterwards = 600;
const place = (random: () => number): Region => (random() < 0.5 ? 'eu-central' : 'us-east');

/** Just below the tenth above the target that the autoscaler tolerates. */
export const mostAPod = 2180;

/** The fewest pods that the autoscaler leaves alone with so many clients. */
function fewestPods(clients: number): number {
  const { minReplicas, maxReplicas } = requiredPolicy;
  return Math.min(maxReplicas, Math.max(minReplicas, Math.ceil(clients / mostAPod)));
}

/** For so many clients and the fewest pods that hold them without growing. */
export function burstLimit(clients: number, seed: number): BurstLimit {
  const largest = bisect(0, 20_000, 100, (burst) => afterBurst(clients, burst, seed).refused === 0);
  const of5000 = afterBurst(clients, 5000, seed);
  return {
    clients,
    pods: fewestPods(clients),
    unrefused: largest,
    refusedOf5000: of5000.refused,
    longestWaitOf5000: of5000.longestWait,
  };
}

/** The most clients a minute, from 8,000 to 40,000 without a rest, of whom nobody is refused; to twenty. */
export function steepestRamp(seed: number): number {
  return bisect(0, 10_000, 20, (perMinute) => {
    const random = seededRandom(seed);
    const cluster = settled(8000, random);
    let due = 0;
    while (cluster.clients.connected < 40_000 && cluster.happened.refusals === 0) {
      due += perMinute / 60;
      const arriving = Array.from({ length: Math.floor(due) }, () => place(random));
      due -= arriving.length;
      cluster.tick(arriving, 0);
      if (perMinute === 0) break;
    }
    return cluster.happened.refusals === 0;
  });
}

function settled(clients: number, random: () => number): SimulatedCluster {
  const cluster = new SimulatedCluster(random, fewestPods(clients));
  const each = Math.ceil(clients / settleSeconds);
  for (let left = clients; left > 0; left -= each)
    cluster.tick(
      Array.from({ length: Math.min(each, left) }, () => place(random)),
      0,
    );
  for (let at = 0; at < 60; at++) cluster.tick([], 0);
  cluster.happened = cluster.nothingYet();
  return cluster;
}

function afterBurst(clients: number, burst: number, seed: number): { refused: number; longestWait: number } {
  const random = seededRandom(seed);
  const cluster = settled(clients, random);
  let refused = 0;
  for (let at = 1; at <= afterwards; at++) {
    const come = at <= 60 ? Math.round((burst * at) / 60) - Math.round((burst * (at - 1)) / 60) : 0;
    cluster.tick(
      Array.from({ length: come }, () => place(random)),
      0,
    );
    refused = Math.max(refused, cluster.refusedNow);
    if (at > 60 && cluster.clients.waiting === 0) break;
  }
  return { refused, longestWait: cluster.happened.longestWait };
}

/** The largest number, in steps, for which something holds that holds for the smallest and not for much more. */
function bisect(low: number, high: number, step: number, holds: (value: number) => boolean): number {
  let [good, bad] = [low, high];
  while (bad - good > step) {
    const middle = Math.round((good + bad) / 2 / step) * step;
    if (holds(middle)) good = middle;
    else bad = middle;
  }
  return good;
}
