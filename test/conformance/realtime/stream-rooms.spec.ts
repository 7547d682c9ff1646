import type { SubscribeReply } from '@testcast/contracts';
import { afterEach, expect, it } from 'vitest';
import { eventually } from '#platform/testing';
import { onEachEngine } from './on-each-engine.ts';
import { appendResults, type RunningApp, startRealtime } from './realtime-app.ts';
import { type Reply, StreamClient } from './stream-client.ts';

let running: RunningApp | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});
const start = async (...args: Parameters<typeof startRealtime>) => (running = await startRealtime(...args));
const upTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, index) => from + index);
const errorOf = (reply: Reply) => (reply.type === 'error' ? reply.error : undefined);
const room = 'run:shop/1';

onEachEngine('a stream room', () => {
  it('of a run that is not there yet is empty, at 0, and then brings every event', async () => {
    const { url, store } = await start();
    const client = await StreamClient.connect(url);
    expect(await client.ok('room.subscribe', { room })).toEqual({
      room,
      kind: 'stream',
      epoch: 'memory.1',
      offset: 0,
      head: 0,
    });
    await appendResults(store, room, 3);
    await appendResults(store, room, 2);
    await eventually(() => expect(client.offsets(room)).toEqual([1, 2, 3, 4, 5]));
    expect(client.pushes('events')[0]!.events[0]).toMatchObject({
      offset: 1,
      type: 'test.finished',
      at: 1,
      data: { text: 'xxxxxxxxxx' },
    });
  });

  it('brings what follows from now on to who names no offset', async () => {
    const { url, store } = await start();
    await appendResults(store, room, 10);
    const client = await StreamClient.connect(url);
    expect(await client.ok('room.subscribe', { room })).toMatchObject({ offset: 10 });
    await appendResults(store, room, 1);
    await eventually(() => expect(client.offsets(room)).toEqual([11]));
  });

  it('brings what was missed after an offset, from the store, while more is being written', async () => {
    const { url, store } = await start({ tuning: { recentBytes: 100 } });
    await appendResults(store, room, 2500, 200);
    const client = await StreamClient.connect(url);
    const reply = client.ok<SubscribeReply>('room.subscribe', { room, offset: 100, epoch: 'memory.1' });
    for (let burst = 0; burst < 20; burst++) await appendResults(store, room, 25);
    expect(await reply).toMatchObject({ offset: 100 });
    await eventually(() => expect(client.offsets(room)).toEqual(upTo(3000, 101)));
    // The reply comes before the events that it announces.
    expect(client.frames.findIndex(({ type }) => type === 'ok')).toBeLessThan(
      client.frames.findIndex(({ type }) => type === 'events'),
    );
  });

  it("keeps a subscription's events behind its reply, even when that waits for earlier ones", async () => {
    const { url, store } = await start();
    const client = await StreamClient.connect(url);
    client.send('room.subscribe', { room: 'run:shop/other', offset: 0 });
    client.send('room.subscribe', { room, offset: 0 }, 'mine');
    await appendResults(store, room, 5);
    await eventually(() => expect(client.offsets(room)).toEqual(upTo(5)));
    const types = client.frames.map((frame) => ('id' in frame ? frame.id : frame.type));
    expect(types.indexOf('mine')).toBeLessThan(types.indexOf('events'));
  });

  it('loses and repeats nothing over reconnects by offset', async () => {
    const { url, store } = await start();
    const seen: number[] = [];
    let epoch: string | undefined;
    const writing = (async () => {
      for (let burst = 0; burst < 60; burst++) {
        await appendResults(store, room, 10);
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    for (let visit = 0; visit < 8; visit++) {
      const client = await StreamClient.connect(url);
      const reply = await client.ok<Extract<SubscribeReply, { kind: 'stream' }>>('room.subscribe', {
        room,
        offset: seen.length,
        epoch,
      });
      epoch = reply.epoch;
      await eventually(() => expect(client.offsets(room).length).toBeGreaterThan(5));
      client.socket.terminate();
      await client.closed();
      seen.push(...client.offsets(room));
      expect(seen).toEqual(upTo(seen.length));
      if (seen.length > 550) break;
    }
    await writing;
    const last = await StreamClient.connect(url);
    await last.ok('room.subscribe', { room, offset: seen.length, epoch });
    await eventually(() => expect([...seen, ...last.offsets(room)]).toEqual(upTo(600)));
  });

  it('ends with the unsubscribe, and begins again with the next subscribe', async () => {
    const { url, store, server } = await start();
    const client = await StreamClient.connect(url);
    await client.ok('room.subscribe', { room });
    await appendResults(store, room, 1);
    await eventually(() => expect(client.offsets(room)).toEqual([1]));
    expect(await client.ok('room.unsubscribe', { room })).toEqual({});
    expect(await client.ok('room.unsubscribe', { room })).toEqual({});
    await appendResults(store, room, 2);
    expect(server.stats().subscriptions).toBe(0);
    await client.ok('room.subscribe', { room, offset: 1, epoch: 'memory.1' });
    await eventually(() => expect(client.offsets(room)).toEqual([1, 2, 3]));
  });

  it('is unrecoverable above its head, and for an epoch that nobody knows', async () => {
    const { url, store } = await start();
    await appendResults(store, room, 5);
    const client = await StreamClient.connect(url);
    const subscribe = (data: object) => client.request('room.subscribe', { room, ...data });
    expect(errorOf(await subscribe({ offset: 6, epoch: 'memory.1' }))).toMatchObject({ code: 'room.unrecoverable' });
    expect(errorOf(await subscribe({ offset: 5, epoch: 'other.9' }))).toMatchObject({ code: 'room.unrecoverable' });
    expect(errorOf(await subscribe({ offset: 5 }))).toMatchObject({
      code: 'request.invalid',
      details: { issues: [{ path: 'epoch' }] },
    });
    expect(await client.ok('room.subscribe', { room, offset: 5, epoch: 'memory.1' })).toMatchObject({ offset: 5 });
  });

  it('sends a gap over the limit whole, unless a snapshot covers it', async () => {
    const { url, store } = await start({ tuning: { recoverableGap: 20 } });
    await appendResults(store, room, 40);
    await appendResults(store, 'run:shop/summarised', 40);
    const client = await StreamClient.connect(url);
    await client.ok('room.subscribe', { room, offset: 0 });
    await eventually(() => expect(client.offsets(room)).toEqual(upTo(40)));
    const covered = await client.request('room.subscribe', {
      room: 'run:shop/summarised',
      offset: 10,
      epoch: 'memory.1',
    });
    expect(errorOf(covered)).toMatchObject({ code: 'room.unrecoverable', details: { asOf: 30 } });
    expect(
      await client.ok('room.subscribe', { room: 'run:shop/summarised', offset: 30, epoch: 'memory.1' }),
    ).toMatchObject({ offset: 30 });
  });

  it('tells its head when it is quiet', async () => {
    const { url, store } = await start({ tuning: { headAfterMs: 50, tickMs: 10 } });
    await appendResults(store, room, 4);
    const client = await StreamClient.connect(url);
    await client.ok('room.subscribe', { room });
    expect(await client.push('head')).toEqual({ type: 'head', room, offset: 4 });
  });

  it('is given by the grants of its project, also when there is no such run', async () => {
    const { url } = await start();
    const client = await StreamClient.connect(url, 'reader');
    await client.ok('room.subscribe', { room: 'run:shop/none' });
    expect(errorOf(await client.request('room.subscribe', { room: 'run:bank/none' }))).toMatchObject({
      code: 'auth.forbidden',
      details: { needs: { bank: 'read' } },
    });
    expect(errorOf(await client.request('room.subscribe', { room: 'walk:shop/1' }))).toMatchObject({
      code: 'room.unknown',
    });
    expect(errorOf(await client.request('room.subscribe', { offset: 1 }))).toMatchObject({ code: 'request.invalid' });
  });

  it('is one of a bounded number for a connection', async () => {
    const { url } = await start({ tuning: { maxRooms: 2 } });
    const client = await StreamClient.connect(url);
    await client.ok('room.subscribe', { room: 'run:shop/1' });
    await client.ok('room.subscribe', { room: 'run:shop/2' });
    await client.ok('room.subscribe', { room: 'run:shop/2' });
    expect(errorOf(await client.request('room.subscribe', { room: 'run:shop/3' }))).toMatchObject({
      code: 'request.too-large',
      details: { limit: 2 },
    });
  });

  it('is dropped some time after the last has left', async () => {
    const { url, server } = await start({ tuning: { roomLingerMs: 30, tickMs: 10 } });
    const client = await StreamClient.connect(url);
    await client.ok('room.subscribe', { room });
    expect(server.stats()).toMatchObject({ rooms: 1, subscriptions: 1 });
    await client.close();
    await eventually(() => expect(server.stats()).toMatchObject({ rooms: 0, subscriptions: 0, connections: 0 }));
  });
});
