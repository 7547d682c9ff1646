import { writeFileSync } from 'node:fs';
import { isNative, LoadClient, mostSocketsOfNode } from '../live/load-client.ts';
import { type Engine, LiveProduct } from '../live/live-product.ts';
import { type LiveTarget, targetOf } from '../live/live-target.ts';
import { measuredRun } from '../live/measured-run.ts';
import { Publisher } from '../live/publisher.ts';
import { peersOf } from '../peers/peers.ts';
import type { Figure, Scenario, ScenarioOptions } from '../support/figures.ts';
import { type FanoutTargets, fanoutFigures, lineOf } from './fanout-figures.ts';

interface Phase extends FanoutTargets {
  readonly rate: number;
  readonly seconds: number;
}

interface Plan {
  readonly subscribers: number;
  readonly rooms: number;
  readonly batch: number;
  readonly gateways: number;
  readonly phases: readonly Phase[];
  readonly profile: string | undefined;
}

const phases: readonly Phase[] = [
  { rate: 50_000, seconds: 20, p50: '< 5', p99: '< 25' },
  { rate: 200_000, seconds: 60, deliveries: '200,000', p50: '< 50', p95: '< 95', p99: '< 100' },
  { rate: 500_000, seconds: 10, deliveries: '500,000', p99: '< 200' },
];
const warmUpSeconds = 5;
/** Half of the deliveries later than this: the rate is beyond what the server can do. */
const beyondMicros = 2_000_000;

/** Events from a reporter to ten thousand watchers, durable before any of them sees it. */
export const fanout: Scenario = {
  name: 'fanout',
  help: `10,000 subscribers in 100 rooms; a delivery is one event of about 200 bytes at one socket, so events/s in is
deliveries / (subscribers / rooms). A publisher reports results over sockets as reporters do (results.report), ten of one
run at a time that are due at the same moment (--batch N for another number); PostgreSQL has fsync on, and no event is
delivered before it is durable. Open loop: latency is from the moment an event was due to its arrival, so a publisher, a
server or a client that stalls shows as latency. Subscribers check that offsets are consecutive. Left out: the projector
(what is delivered comes from the log), networks, TLS. The subscribers are one process in C (a Node one with fewer
sockets where there is no compiler); its own CPU is given.
Beside it, with the same client and messages of the same size: --peers socketio,plain,centrifugo or all or none (the
default). They are installed into a cache of their own. None of them makes an event durable before it is delivered.
--gateways N spreads the subscribers of each room over N gateways of this machine, on one database: reports go to the first,
and the others read them from the log when they are told that there is something.
--rate N (deliveries/s) runs one phase, --seconds N makes phases as long, --subscribers, --rooms, --engine ws|uws,
--profile FILE writes a CPU profile of the first gateway's last phase.`,
  async run(print, options) {
    const plan = planOf(options, print);
    const figures: Figure[] = [];
    const product = await LiveProduct.start({
      engine: (options.engine ?? 'ws') as Engine,
      inspected: plan.profile !== undefined,
    });
    for (let count = 1; count < plan.gateways; count++) await product.addGateway();
    const target = await targetOf(product);
    figures.push(...(await measure(target, plan, print, plan.profile === undefined ? undefined : product)));
    for (const start of peersOf(options.peers ?? 'none')) {
      figures.push(...(await measure(await start(print), { ...plan, profile: undefined }, print)));
    }
    return figures;
  },
};

function planOf(options: ScenarioOptions, print: (line: string) => void): Plan {
  const native = isNative();
  if (!native) print(`no compiler (cc): the subscribers are a Node.js process, ${mostSocketsOfNode} at most`);
  const most = native ? Number.POSITIVE_INFINITY : mostSocketsOfNode;
  const subscribers = Math.min(most, Number(options.subscribers ?? 10_000));
  const seconds = options.seconds === undefined ? undefined : Number(options.seconds);
  const wanted = options.rate === undefined ? phases : [{ rate: Number(options.rate), seconds: 20 }];
  return {
    subscribers,
    rooms: Math.min(subscribers, Number(options.rooms ?? 100)),
    batch: Number(options.batch ?? 10),
    gateways: Number(options.gateways ?? 1),
    phases: wanted
      .filter(({ rate }) => native || rate <= 50_000)
      .map((phase) => ({ ...phase, seconds: seconds ?? phase.seconds })),
    profile: options.profile,
  };
}

async function measure(
  target: LiveTarget,
  plan: Plan,
  print: (line: string) => void,
  profiled?: LiveProduct,
): Promise<Figure[]> {
  const { subscribers, rooms, batch } = plan;
  const figures: Figure[] = [];
  const client = LoadClient.start({ ...target.subscribe, sockets: subscribers, rooms, spread: true });
  try {
    await client.until('all subscribers are in', ({ ready }) => ready === subscribers, 60_000);
    const publisher = await Publisher.open({ ...target.publish, rooms });
    try {
      const run = (deliveries: number, seconds: number) =>
        measuredRun(client, publisher, target.processes, {
          eventsPerSecond: (deliveries * rooms) / subscribers,
          seconds,
          batch,
        });
      for (const [index, phase] of plan.phases.entries()) {
        const name = `${target.name}, ${phase.rate.toLocaleString('en')}/s`;
        // Code is compiled, and the pace of writing found, before anything counts.
        await run(phase.rate, Math.min(warmUpSeconds, phase.seconds));
        const inspector = index === plan.phases.length - 1 ? await profiled?.inspect() : undefined;
        await inspector?.startProfile();
        const seen = await run(phase.rate, phase.seconds);
        if (inspector !== undefined) writeFileSync(plan.profile!, JSON.stringify(await inspector.stopProfile()));
        inspector?.close();
        print(lineOf(name, seen));
        figures.push(...fanoutFigures(name, seen, subscribers / rooms, phase));
        if (seen.seen.latency.p50 > beyondMicros) {
          print(`${target.name} has fallen behind: higher rates would only measure its queue`);
          break;
        }
      }
    } finally {
      publisher.close();
    }
  } finally {
    if (client.said !== '') print(`${target.name}: ${client.said}`);
    await client.stop();
    await target.stop();
  }
  return figures;
}
