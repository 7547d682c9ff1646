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

onEachEngine('a state room', () => {
  const board = 'board:shop';
  const row = (key: string, version: number) => ({ key, version, value: { at: version } });

  it('sends its window first, then what changes', async () => {
    const { url, store, board: rows } = await start({ tuning: { stateEveryMs: 20 } });
    rows.rows.set('a', row('a', 1));
    rows.rows.set('b', row('b', 1));
    const client = await StreamClient.connect(url);
    expect(await client.ok('room.subscribe', { room: board })).toEqual({ room: board, kind: 'state' });
    expect(await client.push('state')).toEqual({
      type: 'state',
      room: board,
      reset: true,
      items: [row('a', 1), row('b', 1)],
    });
    const outcome = await store.append({
      stream: 'run:shop/a',
      events: [{ eventId: '11111111-1111-8111-8111-111111111111', type: 'x', at: 1, data: {} }],
    });
    // The projection comes later than the event.
    const before = rows.reads;
    await eventually(() => expect(rows.reads).toBeGreaterThan(before + 1));
    expect(client.pushes('state')).toHaveLength(1);
    rows.rows.set('a', row('a', 2));
    const { slot } = await store.readStream('run:shop/a', 0);
    rows.checkpoints.set(slot, outcome[0]!.status === 'appended' ? outcome[0]!.position : 0);
    await eventually(() =>
      expect(client.pushes('state')[1]).toEqual({ type: 'state', room: board, items: [row('a', 2)] }),
    );
    const settled = rows.reads;
    await appendResults(store, 'run:bank/z', 1);
    await client.ok('ping');
    expect(rows.reads).toBe(settled);
  });

  it('of an empty window says so', async () => {
    const { url } = await start();
    const client = await StreamClient.connect(url);
    await client.ok('room.subscribe', { room: board });
    expect(await client.push('state')).toEqual({ type: 'state', room: board, reset: true, items: [] });
  });

  it('sends a large window in parts', async () => {
    const { url, board: rows } = await start();
    for (let index = 0; index < 300; index++) {
      rows.rows.set(`k${index}`, { key: `k${index}`, version: 1, value: 'x'.repeat(1000) });
    }
    const client = await StreamClient.connect(url);
    await client.ok('room.subscribe', { room: board });
    await eventually(() => expect(client.pushes('state').flatMap(({ items }) => items)).toHaveLength(300));
    const parts = client.pushes('state');
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.every(({ reset }) => reset === true)).toBe(true);
    expect(parts.map(({ more }) => more === true)).toEqual(parts.map((_, index) => index < parts.length - 1));
  });

  it('reads its window again now and then, and sends what differs', async () => {
    const { url, board: rows } = await start({ tuning: { windowEveryMs: 30, tickMs: 10 } });
    rows.rows.set('a', row('a', 1));
    rows.rows.set('b', row('b', 1));
    const client = await StreamClient.connect(url);
    await client.ok('room.subscribe', { room: board });
    await client.push('state');
    rows.rows.delete('a');
    rows.rows.set('c', row('c', 7));
    await eventually(() =>
      expect(
        client
          .pushes('state')
          .slice(1)
          .flatMap(({ items }) => items),
      ).toEqual([row('c', 7), { key: 'a', version: 1, value: null }]),
    );
  });

  it('gives a slow reader the latest of each row, and lets nothing queue for it', async () => {
    const {
      url,
      store,
      board: rows,
      server,
    } = await start({ tuning: { stateEveryMs: 5, windowEveryMs: 10, tickMs: 5 } });
    const big = (key: string, version: number) => ({ key, version, value: `${version} ${'x'.repeat(40_000)}` });
    const keys = upTo(10).map((index) => `k${index}`);
    for (const key of keys) rows.rows.set(key, big(key, 1));
    const client = await StreamClient.connect(url);
    await client.ok('room.subscribe', { room: board });
    await eventually(() => expect(client.pushes('state').flatMap(({ items }) => items)).toHaveLength(10));
    client.socket.pause();
    const before = client.frames.length;
    for (let version = 2; version <= 100; version++) {
      for (const key of keys) rows.rows.set(key, big(key, version));
      await appendResults(store, 'run:shop/k1', 1);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(server.stats().queuedBytes).toBeLessThan(500_000);
    client.socket.resume();
    const latest = () =>
      new Map(client.pushes('state').flatMap(({ items }) => items.map((item) => [item.key, item.version])));
    await eventually(() => expect([...latest().values()]).toEqual(keys.map(() => 100)));
    expect(client.frames.length - before).toBeLessThan(99 * 10);
    expect(client.closeCode).toBeUndefined();
  });
});
