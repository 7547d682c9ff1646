import { availableParallelism } from 'node:os';
import type { Product } from '../../test/e2e/support/product.ts';
import { cpuSeconds } from '../support/cpu-seconds.ts';
import type { Figure } from '../support/figures.ts';
import { inChild } from '../support/in-child.ts';
import { busySeconds } from '../support/machine-load.ts';
import type { LoadOptions, LoadResult } from './load.ts';

export interface Measured extends LoadResult {
  /** Microseconds of CPU for each result, by who spent them. */
  readonly cpu: Readonly<Record<string, number>>;
  /** Cores that everything else on the machine took: above a tenth of them the rates say little. */
  readonly taken: number;
}

/** Runs a load in a process of its own, and reads what each part of the product spent meanwhile. */
export async function measure(product: Product, options: LoadOptions): Promise<Measured> {
  const processes = {
    gateway: product.gateway.pid,
    projector: product.projector.pid,
    PostgreSQL: product.postgres.pid,
  };
  const read = () => Object.entries(processes).map(([name, pid]) => [name, cpuSeconds(pid ?? 0)] as const);
  const [before, busyBefore, began] = [new Map(read()), busySeconds(), performance.now()];
  const result = await inChild<LoadResult>(new URL('load.process.js', import.meta.url), options);
  const seconds = (performance.now() - began) / 1000;
  const busy = busySeconds() - busyBefore;
  const spent = [
    ...read().map(([name, used]) => [name, used - before.get(name)!] as const),
    ['load', result.cpuSeconds] as const,
  ];
  const items = result.itemsPerSecond * options.seconds;
  const ours = spent.reduce((sum, [, used]) => sum + used, 0);
  return {
    ...result,
    cpu: Object.fromEntries(spent.map(([name, used]) => [name, (used / items) * 1e6])),
    taken: Math.max(0, (busy - ours) / seconds),
  };
}

export function figuresOf(name: string, measured: Measured, targets: { rate: string; p99?: string }): Figure[] {
  const { itemsPerSecond, p50, p99, cpu, taken } = measured;
  return [
    { name: `${name}: results`, value: itemsPerSecond, unit: '/s', target: targets.rate },
    { name: `${name}: p50`, value: p50, unit: 'ms' },
    { name: `${name}: p99`, value: p99, unit: 'ms', ...(targets.p99 === undefined ? {} : { target: targets.p99 }) },
    ...Object.entries(cpu).map(([who, value]) => ({ name: `${name}: CPU a result, ${who}`, value, unit: 'µs' })),
    { name: `${name}: taken by others, of ${availableParallelism()}`, value: taken, unit: 'cores' },
  ];
}
