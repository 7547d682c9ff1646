import { setTimeout as delay } from 'node:timers/promises';
import { isNative, LoadClient, mostSocketsOfNode } from '../live/load-client.ts';
import { type Engine, LiveProduct } from '../live/live-product.ts';
import { type LiveTarget, targetOf } from '../live/live-target.ts';
import type { LoadReport } from '../live/load-report.ts';
import { measuredRun } from '../live/measured-run.ts';
import { Publisher } from '../live/publisher.ts';
import { cpuSeconds } from '../support/cpu-seconds.ts';
import type { Figure, Scenario } from '../support/figures.ts';

const inside = { sockets: 1_000, rooms: 10 };
/** What those inside are sent meanwhile: a hundred events a second, at a hundred sockets each. */
const traffic = { eventsPerSecond: 100, batch: 1 };
const insideSeconds = 6;

/** A crowd comes. */
export const connect: Scenario = {
  name: 'connect',
  help: `How long it takes to connect, be authenticated (API key) and join a room: from the first packet of TCP to the answer of
room.subscribe. Idle: 1,000 connections one after the other. Storm: 10,000 (--subscribers N) as fast as they are admitted, 256
handshakes at once; and all at the same instant. Meanwhile 1,000 subscribers in 10 other rooms get 10,000 deliveries/s, and
what they see is given for a quiet time and for the storm (open loop, from when an event was due). --engine ws|uws.
PostgreSQL with fsync, no projector, no TLS, no network.`,
  async run(print, options) {
    const most = isNative() ? Number.POSITIVE_INFINITY : mostSocketsOfNode;
    const crowd = Math.min(most, Number(options.subscribers ?? 10_000));
    const product = await LiveProduct.start({ engine: (options.engine ?? 'ws') as Engine });
    try {
      const idle = await storm(product, Math.min(1_000, crowd), 1);
      print(`idle: ${said(idle)}`);
      return [...setUpFigures('idle', idle, '< 20'), ...(await underTraffic(product, crowd, print))];
    } finally {
      await product.stop();
    }
  },
};

async function underTraffic(product: LiveProduct, crowd: number, print: (line: string) => void): Promise<Figure[]> {
  const figures: Figure[] = [];
  product.freshRooms();
  const target = await targetOf(product);
  const insiders = LoadClient.start({ ...target.subscribe, ...inside });
  const publisher = await Publisher.open({ ...target.publish, rooms: inside.rooms });
  try {
    await insiders.until('those inside are in', ({ ready }) => ready === inside.sockets, 30_000);
    const seenInside = async (name: string, work: () => Promise<void>) => {
      const [{ seen }] = await Promise.all([run(insiders, publisher, target), work()]);
      print(`${name}, those inside: p99 ${(seen.latency.p99 / 1_000).toFixed(1)} ms, missing ${seen.missing}`);
      figures.push(
        { name: `${name}: those inside, p50`, value: seen.latency.p50 / 1_000, unit: 'ms' },
        { name: `${name}: those inside, p99`, value: seen.latency.p99 / 1_000, unit: 'ms' },
        {
          name: `${name}: those inside, missing or repeated`,
          value: seen.missing + seen.repeated,
          unit: 'events',
          target: '0',
        },
      );
    };
    await run(insiders, publisher, target);
    await seenInside('quiet', async () => {});
    for (const [name, opening, total] of [
      ['storm', 256, '< 5'],
      ['all at once', 0, undefined],
    ] as const) {
      await seenInside(name, async () => {
        await delay(1_000);
        const result = await storm(product, crowd, opening);
        print(`${name}: ${said(result)}`);
        figures.push(...setUpFigures(name, result, opening === 0 ? undefined : '< 500', total));
      });
    }
  } finally {
    publisher.close();
    await insiders.stop();
  }
  return figures;
}

const run = (insiders: LoadClient, publisher: Publisher, target: LiveTarget) =>
  measuredRun(insiders, publisher, target.processes, { ...traffic, seconds: insideSeconds });

interface Storm extends LoadReport {
  /** From the first connect to the last one being in its room. */
  readonly totalSeconds: number;
  /** Of the gateway, for each. */
  readonly cpuMicros: number;
}

/** Connects a crowd, in rooms of its own, and lets it go again. */
async function storm(product: LiveProduct, sockets: number, opening: number): Promise<Storm> {
  const pid = product.gateway.process.pid!;
  const cpu = cpuSeconds(pid);
  const client = LoadClient.start({
    dialect: 'testcast',
    ports: [product.gateway.streamPort],
    room: product.room.replace('%', `crowd-${opening}-%`),
    header: await product.authorization(),
    sockets,
    rooms: Math.ceil(sockets / 100),
    opening,
  });
  try {
    await client.until('all are in', ({ ready }) => ready === sockets, 60_000);
    const cpuMicros = ((cpuSeconds(pid) - cpu) * 1e6) / sockets;
    const report = await client.report();
    const began = report.us - report.seconds * 1e6;
    return { ...report, totalSeconds: (client.allReadyAt[0]! - began) / 1e6, cpuMicros };
  } finally {
    await client.stop();
  }
}

const said = ({ totalSeconds, joined, cpuMicros, refused, lost }: Storm): string =>
  `${joined.count} in ${totalSeconds.toFixed(2)} s, p50 ${(joined.p50 / 1_000).toFixed(1)} p99 ${(joined.p99 / 1_000).toFixed(1)} ms, ` +
  `${Math.round(cpuMicros)} µs each, refused ${refused}, lost ${lost}`;

function setUpFigures(name: string, result: Storm, p99?: string, total?: string): Figure[] {
  const { totalSeconds, joined, upgraded, cpuMicros, refused } = result;
  const targeted = (target: string | undefined) => (target === undefined ? {} : { target });
  return [
    { name: `${name}: all in`, value: totalSeconds, unit: 's', ...targeted(total) },
    { name: `${name}: upgraded, p99`, value: upgraded.p99 / 1_000, unit: 'ms' },
    { name: `${name}: in the room, p50`, value: joined.p50 / 1_000, unit: 'ms' },
    { name: `${name}: in the room, p99`, value: joined.p99 / 1_000, unit: 'ms', ...targeted(p99) },
    { name: `${name}: CPU of the gateway, each`, value: cpuMicros, unit: 'µs' },
    { name: `${name}: refused`, value: refused, unit: '' },
  ];
}
