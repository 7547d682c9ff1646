import { quantile } from '../support/figures.ts';
import { openEmmettLog } from './emmett-log.ts';
import { openTestcastLog } from './testcast-log.ts';

export interface AppendLoadOptions {
  readonly log: 'testcast' | 'emmett';
  readonly url: string;
  readonly inFlight: number;
  readonly eventsPerAppend: number;
  /** Warm-up and measured seconds, in one process: code is compiled in the first. */
  readonly warmUp: number;
  readonly seconds: number;
  /** Stop after as many events instead. */
  readonly events?: number | undefined;
}

export interface AppendLoadResult {
  readonly eventsPerSecond: number;
  /** Milliseconds from the call to its answer. */
  readonly p50: number;
  readonly p99: number;
  /** Of the process that appends, in seconds for the measured time. */
  readonly cpuSeconds: number;
  readonly events: number;
  /** Appends that its store refused since another was faster; they are not counted as done. */
  readonly conflicts: number;
}

const streams = 1_000;

/** Closed loop: as many appends as `inFlight`, each begun when the one before it was answered. */
export async function appendLoad(options: AppendLoadOptions): Promise<AppendLoadResult> {
  const { log, url, inFlight, eventsPerAppend } = options;
  const store = await (log === 'testcast' ? openTestcastLog(url) : openEmmettLog(url, inFlight));
  let next = 0;
  let conflicts = 0;
  const runFor = async (seconds: number, mostEvents: number): Promise<number[]> => {
    const latencies: number[] = [];
    const until = performance.now() + seconds * 1_000;
    const work = async (): Promise<void> => {
      while (performance.now() < until && latencies.length * eventsPerAppend < mostEvents) {
        const since = performance.now();
        try {
          await store.append(`${log}-${next++ % streams}`, eventsPerAppend);
          latencies.push(performance.now() - since);
        } catch (error) {
          if (!/version|concurren/i.test(String(error))) throw error;
          conflicts++;
        }
      }
    };
    await Promise.all(Array.from({ length: inFlight }, work));
    return latencies;
  };
  await runFor(options.warmUp, Number.POSITIVE_INFINITY);
  conflicts = 0;
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  const latencies = await runFor(options.seconds, options.events ?? Number.POSITIVE_INFINITY);
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  await store.close();
  latencies.sort((a, b) => a - b);
  const events = latencies.length * eventsPerAppend;
  return {
    eventsPerSecond: events / seconds,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    cpuSeconds: (user + system) / 1e6,
    events,
    conflicts,
  };
}
