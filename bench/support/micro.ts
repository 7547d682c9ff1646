import { PerformanceObserver, performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { median } from './figures.ts';

export interface Variant {
  readonly name: string;
  /** Does the work as often, and returns something of it: what nobody looks at may be left out by the compiler. */
  run(times: number): unknown;
}

/** Medians over the rounds. */
export interface MicroResult {
  /** Of CPU, over all threads of the process: the same on a busy machine as on a quiet one, or nearly. */
  readonly nanos: number;
  /** How far the slowest round was above the fastest, without the outer ones, in percent of the median. */
  readonly spread: number;
  /** Nanoseconds of it in which garbage was collected. */
  readonly gcNanos: number;
  /** Allocated on the heap. */
  readonly bytes: number;
}

const rounds = 15;
const warmUpRounds = 4;
const roundMs = 60;
const countedTimes = 200;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Variants in turn, round by round, so that a busy machine is as bad for each; the first rounds, while code is compiled, do not count. */
export async function measureInTurn(variants: readonly Variant[]): Promise<Map<string, MicroResult>> {
  const times = new Map(variants.map((variant) => [variant, timesFor(variant)]));
  const seen = new Map(variants.map(({ name }) => [name, { nanos: [] as number[], gc: [] as number[] }]));
  const pauses: { at: number; ms: number }[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) pauses.push({ at: startTime, ms: duration });
  });
  observer.observe({ entryTypes: ['gc'] });
  for (let round = 0; round < warmUpRounds + rounds; round++) {
    for (const variant of variants) {
      const [began, cpu] = [performance.now(), process.cpuUsage()];
      kept.last = variant.run(times.get(variant)!);
      const { user, system } = process.cpuUsage(cpu);
      const took = performance.now() - began;
      // Pauses are told in a later turn of the loop.
      await turn();
      await turn();
      const paused = pauses.filter(({ at }) => at >= began && at <= began + took).reduce((sum, { ms }) => sum + ms, 0);
      pauses.length = 0;
      if (round < warmUpRounds) continue;
      seen.get(variant.name)!.nanos.push(((user + system) * 1_000) / times.get(variant)!);
      seen.get(variant.name)!.gc.push((paused * 1e6) / times.get(variant)!);
    }
  }
  observer.disconnect();
  return new Map(
    variants.map((variant) => {
      const { nanos, gc } = seen.get(variant.name)!;
      const inner = nanos.toSorted((a, b) => a - b).slice(2, -2);
      const spread = ((inner.at(-1)! - inner[0]!) / median(nanos)) * 100;
      return [variant.name, { nanos: median(nanos), spread, gcNanos: median(gc), bytes: allocatedBy(variant) }];
    }),
  );
}

/** Kept, so that results are not thrown away unseen. */
const kept: { last?: unknown } = {};

function timesFor(variant: Variant): number {
  for (let times = 100; ; times *= 4) {
    const cpu = process.cpuUsage();
    kept.last = variant.run(times);
    const { user, system } = process.cpuUsage(cpu);
    const took = (user + system) / 1_000;
    if (took > roundMs / 4) return Math.max(1, Math.round((times * roundMs) / took));
  }
}

/** So few that nothing is collected meanwhile. */
function allocatedBy(variant: Variant): number {
  return median(
    Array.from({ length: 7 }, () => {
      collect();
      const before = process.memoryUsage().heapUsed;
      kept.last = variant.run(countedTimes);
      return (process.memoryUsage().heapUsed - before) / countedTimes;
    }),
  );
}
