import { setTimeout as delay } from 'node:timers/promises';
import { cpuSeconds } from '../support/cpu-seconds.ts';
import { busySeconds } from '../support/machine-load.ts';
import type { LoadClient } from './load-client.ts';
import type { LoadReport } from './load-report.ts';
import type { Publisher } from './publisher.ts';
import type { PublishResult, PublishRun } from './publishing.ts';

export interface MeasuredRun {
  readonly published: PublishResult;
  readonly seen: LoadReport;
  /** How long events were published, in seconds. */
  readonly seconds: number;
  /** Cores taken by each process while events were published, and by everything else on the machine. */
  readonly cores: Readonly<Record<string, number>>;
}

/** How long deliveries may take to end after the last event was published. */
const settleMs = 20_000;

/** One open-loop run; counts what was seen of it until nobody lacks anything. */
export async function measuredRun(
  client: LoadClient,
  publisher: Publisher,
  processes: Readonly<Record<string, number>>,
  run: PublishRun,
): Promise<MeasuredRun> {
  await client.mark();
  const read = () => Object.entries(processes).map(([name, pid]) => [name, cpuSeconds(pid)] as const);
  const [before, busyBefore, began] = [new Map(read()), busySeconds(), performance.now()];
  const published = await publisher.run(run);
  const took = (performance.now() - began) / 1_000;
  const [after, busy] = [read(), busySeconds() - busyBefore];
  const atEnd = await client.report();
  await settled(client, atEnd);
  const seen = await client.mark();
  const cores = new Map(after.map(([name, used]) => [name, (used - before.get(name)!) / took]));
  cores.set('publisher', published.cpuSeconds / took);
  cores.set('load client', atEnd.cpuSeconds / took);
  const ours = [...cores.values()].reduce((sum, used) => sum + used, 0);
  cores.set('others', Math.max(0, busy / took - ours));
  return { published, seen, seconds: published.seconds, cores: Object.fromEntries(cores) };
}

/** Until nobody is behind and nothing new has come for a while. */
async function settled(client: LoadClient, last: LoadReport): Promise<void> {
  const deadline = performance.now() + settleMs;
  for (let events = last.events; performance.now() < deadline;) {
    await delay(300);
    const report = await client.report();
    if (report.events === events && report.behind === 0) return;
    events = report.events;
  }
}
