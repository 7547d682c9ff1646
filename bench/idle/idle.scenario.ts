import { setTimeout as delay } from 'node:timers/promises';
import { isNative, LoadClient, mostSocketsOfNode } from '../live/load-client.ts';
import { type Engine, LiveProduct } from '../live/live-product.ts';
import { cpuSeconds } from '../support/cpu-seconds.ts';
import type { Figure, Scenario, ScenarioOptions } from '../support/figures.ts';
import { kernelMemory, ownMemory } from './memory-of.ts';

interface Held {
  readonly connections: number;
  readonly bytes: number;
  readonly kernelBytes: number;
  /** Microseconds of CPU a second. */
  readonly micros: number;
}

const targets = { ws: '< 20', uws: '< 10' } as const;

/** What a connection costs that nothing happens on. */
export const idle: Scenario = {
  name: 'idle',
  help: `12,000 and then 16,000 connections held in one gateway process, each in one room: first in 100 rooms, then, in a new
process, each in a room of its own (--rooms N: only that many). Memory is what the process has of its own in RAM (RssAnon)
beyond what it had before the first connection, each time after three forced collections of garbage; the kernel's objects
(Slab of the whole machine, halved: both ends of each connection are here) are given beside it. CPU of the gateway is
counted over 30 s (--seconds N) in which nothing but pings is sent. --subscribers N, --engine ws|uws. Nothing is published.`,
  async run(print, options) {
    const figures: Figure[] = [];
    const most = isNative() ? Number.POSITIVE_INFINITY : mostSocketsOfNode;
    const steps = (options.subscribers === undefined ? [12_000, 16_000] : [Number(options.subscribers)])
      .map((wanted) => Math.min(wanted, most))
      .filter((wanted, index, all) => all.indexOf(wanted) === index);
    const kinds = options.rooms === undefined ? [100, steps[0]!] : [Number(options.rooms)];
    for (const rooms of kinds) figures.push(...(await hold(steps, rooms, options, print)));
    return figures;
  },
};

async function hold(
  steps: readonly number[],
  rooms: number,
  { engine = 'ws', seconds = '30' }: ScenarioOptions,
  print: (line: string) => void,
): Promise<Figure[]> {
  const product = await LiveProduct.start({ engine: engine as Engine, inspected: true });
  const clients: LoadClient[] = [];
  const figures: Figure[] = [];
  try {
    const before = await settledMemory(product);
    let held = 0;
    for (const connections of steps) {
      clients.push(await connect(product, connections - held, Math.min(rooms, connections - held)));
      held = connections;
      const result = await costOf(product, connections, Number(seconds), before);
      const name = `${connections.toLocaleString('en')} in ${rooms.toLocaleString('en')} rooms`;
      print(
        `${name}: ${(result.bytes / connections / 1_024).toFixed(1)} KiB, ${(result.micros / connections).toFixed(2)} µs/s a connection`,
      );
      figures.push(...figuresOf(name, result, targets[engine as Engine]));
    }
  } finally {
    await Promise.all(clients.map((client) => client.stop()));
    await product.stop();
  }
  return figures;
}

async function connect(product: LiveProduct, sockets: number, rooms: number): Promise<LoadClient> {
  // Each client in rooms of its own, so that the second one's are no larger.
  product.freshRooms();
  const client = LoadClient.start({
    dialect: 'testcast',
    ports: [product.gateway.streamPort],
    room: product.room,
    header: await product.authorization(),
    sockets,
    rooms,
  });
  await client.until('all connections are in', ({ ready }) => ready === sockets, 120_000);
  return client;
}

async function costOf(
  product: LiveProduct,
  connections: number,
  seconds: number,
  before: Awaited<ReturnType<typeof settledMemory>>,
): Promise<Held> {
  const pid = product.gateway.process.pid!;
  const memory = await settledMemory(product);
  const [cpu, began] = [cpuSeconds(pid), performance.now()];
  await delay(seconds * 1_000);
  const micros = ((cpuSeconds(pid) - cpu) * 1e6) / ((performance.now() - began) / 1_000);
  return {
    connections,
    bytes: memory.own - before.own,
    kernelBytes: (memory.kernel - before.kernel) / 2,
    micros,
  };
}

/** After garbage is collected and pages have been given back. */
async function settledMemory(product: LiveProduct): Promise<{ own: number; kernel: number }> {
  const inspector = await product.inspect();
  try {
    for (let round = 0; round < 3; round++) {
      await inspector.collectGarbage();
      await delay(1_000);
    }
  } finally {
    inspector.close();
  }
  return { own: ownMemory(product.gateway.process.pid!), kernel: kernelMemory() };
}

function figuresOf(name: string, { connections, bytes, kernelBytes, micros }: Held, target: string): Figure[] {
  return [
    { name: `${name}: memory a connection`, value: bytes / connections / 1_024, unit: 'KiB', target },
    { name: `${name}: of the kernel, a connection`, value: kernelBytes / connections / 1_024, unit: 'KiB' },
    { name: `${name}: CPU a connection`, value: micros / connections, unit: 'µs/s' },
  ];
}
