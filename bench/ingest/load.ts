import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { quantile } from '../support/figures.ts';
import { HttpReporter } from './http-reporter.ts';
import type { Reporter } from './reporter.ts';
import { SocketReporter } from './socket-reporter.ts';

export interface LoadOptions {
  readonly over: 'http' | 'socket';
  readonly url: string;
  readonly streamUrl: string;
  readonly token: string;
  /** Connections that each have one request in flight. */
  readonly connections: number;
  readonly itemsPerRequest: number;
  readonly seconds: number;
  /** Requests that fall due each second, over all connections; without, each is sent when the last was answered. */
  readonly perSecond?: number | undefined;
}

export interface LoadResult {
  readonly itemsPerSecond: number;
  /** Milliseconds from sending a request, or from when it fell due, to having its whole answer. */
  readonly p50: number;
  readonly p99: number;
  /** What the generator itself took. */
  readonly cpuSeconds: number;
}

/** Runs that the results are spread over. */
const runs = 20;

/**
 * Closed loop: each connection sends its next request when the answer to the last has arrived. With a rate, no request is sent before
 * it is due, and one that had to wait for the answer before it counts from when it was due.
 */
export async function load(options: LoadOptions): Promise<LoadResult> {
  // Of each load its own, else a second one would repeat the results of the first.
  const id = randomUUID();
  const reporters = await Promise.all(
    Array.from({ length: options.connections }, (_, index) => {
      const run = { projectId: 'bench', runId: `${id}-${index % runs}` };
      return options.over === 'http'
        ? HttpReporter.open(options.url, options.token, run)
        : SocketReporter.open(options.streamUrl, options.token, run);
    }),
  );
  const latencies: number[] = [];
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  const until = began + options.seconds * 1000;
  const work = async (reporter: Reporter, index: number): Promise<void> => {
    const { connections, perSecond } = options;
    for (let round = 0; performance.now() < until; round++) {
      const items = itemsOf(options.itemsPerRequest, `${index}-${round}`);
      let sent = performance.now();
      if (perSecond !== undefined) {
        const due = began + ((round * connections + index) / perSecond) * 1000;
        if (due >= until) return;
        if (due > sent) await delay(due - sent);
        sent = due;
      }
      await reporter.report(items);
      latencies.push(performance.now() - sent);
    }
  };
  await Promise.all(reporters.map(work));
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  for (const reporter of reporters) reporter.close();
  latencies.sort((a, b) => a - b);
  return {
    itemsPerSecond: (latencies.length * options.itemsPerRequest) / seconds,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    cpuSeconds: (user + system) / 1e6,
  };
}

function itemsOf(count: number, unique: string): object[] {
  return Array.from({ length: count }, (_, n) => ({
    kind: 'test.finished',
    at: 1_700_000_000_000 + n,
    testId: `test/checkout/cart-${n % 40}.spec.ts::cart > adds an item ${unique}-${n}`,
    suite: ['cart'],
    title: `adds an item ${unique}-${n}`,
    attempt: 1,
    status: 'passed',
    durationMs: n % 300,
  }));
}
