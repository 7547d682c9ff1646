import { closeCodes } from '@testcast/contracts';
import { afterEach, expect, it } from 'vitest';
import { eventually } from '#platform/testing';
import { onEachEngine } from './on-each-engine.ts';
import { appendResults, type RunningApp, startRealtime } from './realtime-app.ts';
import { StreamClient } from './stream-client.ts';

let running: RunningApp | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});
const start = async (...args: Parameters<typeof startRealtime>) => (running = await startRealtime(...args));
const upTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, index) => from + index);
const room = 'run:shop/1';

onEachEngine('a client that reads too slowly', () => {
  it('is closed with 4001, keeps nobody waiting, and recovers everything by offset', async () => {
    const { url, store, server } = await start({ tuning: { maxQueuedBytes: 256 * 1024 } });
    const slow = await StreamClient.connect(url);
    const quick = await StreamClient.connect(url);
    for (const client of [slow, quick]) await client.ok('room.subscribe', { room });
    slow.socket.pause();
    for (let burst = 0; burst < 100; burst++) {
      await appendResults(store, room, 10, 20_000);
      await eventually(() => expect(quick.offsets(room)).toHaveLength((burst + 1) * 10), { every: 1 });
      if ((server.stats().closed.get(closeCodes.tooSlow) ?? 0) > 0) break;
    }
    await eventually(() => expect(server.stats().subscriptions).toBe(1));
    slow.socket.resume();
    await slow.closed();
    const seen = slow.offsets(room);
    expect(seen).toEqual(upTo(seen.length));
    expect(server.stats().closed.get(closeCodes.tooSlow)).toBe(1);

    const back = await StreamClient.connect(url);
    await back.ok('room.subscribe', { room, offset: seen.length, epoch: 'memory.1' });
    const all = quick.offsets(room).length;
    await eventually(() => expect([...seen, ...back.offsets(room)]).toEqual(upTo(all)));
  });

  it('is closed when nothing moves for too long, while it catches up', async () => {
    const { url, store, server } = await start({ tuning: { maxQueuedMs: 150, tickMs: 10 } });
    await appendResults(store, room, 2000, 20_000);
    const client = await StreamClient.connect(url);
    await client.ok('room.subscribe', { room, offset: 0 });
    client.socket.pause();
    await eventually(() => expect(server.stats().subscriptions).toBe(0));
    // Catching up goes at the pace of the reader: it is never more than a few pages that wait.
    expect(server.stats().queuedBytes).toBe(0);
    client.socket.resume();
    expect([1006, closeCodes.tooSlow]).toContain(await client.closed());
  });

  it('takes its time when it reads at all', async () => {
    const { url, store } = await start({ tuning: { maxQueuedMs: 2000 } });
    await appendResults(store, room, 2000, 5000);
    const client = await StreamClient.connect(url);
    await client.ok('room.subscribe', { room, offset: 0 });
    let paused = 0;
    client.socket.on('message', () => {
      client.socket.pause();
      paused += 1;
      setImmediate(() => client.socket.resume());
    });
    await eventually(() => expect(client.offsets(room)).toHaveLength(2000), { within: 15_000 });
    expect(client.offsets(room)).toEqual(upTo(2000));
    expect(paused).toBeGreaterThan(50);
  });
});
