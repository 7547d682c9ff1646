import { setTimeout as delay } from 'node:timers/promises';
import { LoadClient } from '../live/load-client.ts';
import type { LoadReport } from '../live/load-report.ts';
import type { LiveTarget } from '../live/live-target.ts';
import { Publisher } from '../live/publisher.ts';
import { cpuSeconds } from '../support/cpu-seconds.ts';
import type { Figure } from '../support/figures.ts';

export interface FlapRun {
  readonly sockets: number;
  readonly rooms: number;
  readonly deliveries: number;
  readonly seconds: number;
}

/** Traffic while everybody is cut off now and then; stops the target. */
export async function flaps(
  target: LiveTarget,
  { sockets, rooms, deliveries, seconds }: FlapRun,
  print: (line: string) => void,
  judged: boolean,
): Promise<Figure[]> {
  const client = LoadClient.start({ ...target.subscribe, sockets, rooms, opening: 0 });
  try {
    const allIn = () => client.until('all are in', ({ ready }) => ready === sockets, 90_000);
    await allIn();
    const publisher = await Publisher.open({ ...target.publish, rooms });
    try {
      const run = { eventsPerSecond: (deliveries * rooms) / sockets, batch: 1 };
      await publisher.run({ ...run, seconds: 3 });
      await delay(1_000);
      await client.mark();
      const cpu = cpuOf(target);
      client.flap(true);
      const published = await publisher.run({ ...run, seconds });
      client.flap(false);
      const used = (cpuOf(target) - cpu) / seconds;
      await allIn();
      // To each room once more: only something that follows shows what went missing before it.
      await publisher.run({ ...run, seconds: Math.max(1, rooms / run.eventsPerSecond) });
      await delay(1_500);
      const seen = await client.report();
      const figures = figuresOf(`${target.name}, flaps`, seen, used, judged);
      print(
        `${figures
          .slice(0, 5)
          .map(({ name, value, unit }) => `${name} ${value.toFixed(3)} ${unit}`)
          .join(', ')}; failed ${published.failed}`,
      );
      return figures;
    } finally {
      publisher.close();
    }
  } finally {
    if (client.said !== '') print(`${target.name}: ${client.said}`);
    await client.stop();
    await target.stop();
  }
}

const cpuOf = ({ processes }: LiveTarget): number =>
  Object.values(processes).reduce((sum, pid) => sum + cpuSeconds(pid), 0);

function figuresOf(name: string, seen: LoadReport, cores: number, judged: boolean): Figure[] {
  const unique = seen.events - seen.repeated;
  const lacking = seen.missing + seen.behindEvents;
  const figure = (what: string, value: number, unit: string, target?: string): Figure => ({
    name: `${name}: ${what}`,
    value,
    unit,
    ...(target === undefined || !judged ? {} : { target }),
  });
  return [
    figure('delivered', (unique / (unique + lacking)) * 100, '%', '100'),
    figure('repeated', seen.repeated, 'events', '0'),
    figure('replay p50', seen.replay.p50 / 1_000, 'ms'),
    figure('replay p99', seen.replay.p99 / 1_000, 'ms', '< 1000'),
    figure('cut off and back', seen.reconnects, 'times'),
    figure('missing', lacking, 'events', '0'),
    figure('live, p50', seen.latency.p50 / 1_000, 'ms'),
    figure('live, p99', seen.latency.p99 / 1_000, 'ms'),
    figure('refused', seen.refused, ''),
    figure('ended by the server', seen.lost, ''),
    figure('CPU of the servers', cores, 'cores'),
  ];
}
