import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, it } from 'vitest';
import { eventually } from '#platform/testing';
import { Dice, type FuzzCase, fuzzCase } from './fuzz-cases.ts';
import { onEachEngine } from './on-each-engine.ts';
import { RawClient } from './raw-client.ts';
import { type RunningApp, startRealtime } from './realtime-app.ts';
import { StreamClient } from './stream-client.ts';

const cases = Number(process.env['FUZZ_CASES'] ?? 500);
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_124);
const atOnce = 25;
/** Code that is compiled on the way, and buffers that are kept for the next time. */
const heapGrowthBytes = 24 * 1024 * 1024;

let running: RunningApp | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

onEachEngine(`${cases} hostile clients of seed ${seed}`, () => {
  it('get an error or a close, take nothing down and leave nothing behind', { timeout: 600_000 }, async () => {
    const { server, url, tokens } = (running = await startRealtime({
      maxConnections: 1000,
      connectRate: { perSecond: 1e6, burst: 1e6 },
      tuning: { roomLingerMs: 10, tickMs: 20 },
    }));
    const dice = new Dice(seed);
    const bystander = await StreamClient.connect(url);
    await bystander.ok('room.subscribe', { room: 'run:shop/0' });
    let heapBefore = 0;
    for (let done = 0; done < cases; done += atOnce) {
      const batch = Array.from({ length: Math.min(atOnce, cases - done) }, () => fuzzCase(dice, url));
      await Promise.all(batch.map((one, index) => play(url, one, `case ${done + index}`)));
      expect(await bystander.ok('ping')).toMatchObject({ timestamp: expect.any(Number) as number });
      if (heapBefore === 0 && done >= cases / 5) heapBefore = heapAfterGc();
    }
    expect(bystander.closeCode).toBeUndefined();
    await bystander.close();
    await eventually(() =>
      expect(server.stats()).toMatchObject({
        connections: 0,
        admitting: 0,
        rooms: 0,
        subscriptions: 0,
        queuedBytes: 0,
      }),
    );
    bystander.frames.length = 0;
    expect(heapAfterGc() - heapBefore).toBeLessThan(heapGrowthBytes);
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
    expect(tokens.callers.size).toBe(2);
  });
});

async function play(url: string, { kind, greeted, bytes, message }: FuzzCase, name: string): Promise<void> {
  const client = greeted ? await RawClient.open(url) : RawClient.write(url, bytes);
  try {
    if (greeted) client.tcp.write(bytes);
    if (message) await replied(client);
    client.tcp.end();
    await client.closed();
  } catch (error) {
    throw new Error(`${name}, ${kind}, seed ${seed}: ${bytes.subarray(0, 300).toString('latin1')}`, { cause: error });
  } finally {
    client.tcp.destroy();
  }
}

async function replied(client: RawClient): Promise<void> {
  await eventually(
    () => {
      if (client.frames.length < 2 && !client.ended) throw new Error('it has neither a reply nor a close');
    },
    { every: 2 },
  );
}

function heapAfterGc(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}
