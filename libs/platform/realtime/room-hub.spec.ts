import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { type RecordedEvent, slotCount, slotOf } from '#platform/event-store';
import { eventually } from '#platform/testing';
import { append, type MemoryClient, memoryRooms, room, subscribe } from './fixtures/memory-rooms.ts';
import type { RoomHub } from './room-hub.ts';
import { defineRoom } from './room.ts';

const upTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, index) => from + index);

let hub: RoomHub | undefined;
afterEach(() => hub?.stop());

function world(...args: Parameters<typeof memoryRooms>) {
  const made = memoryRooms(...args);
  hub = made.rooms;
  return made;
}

describe('subscribers of a stream room', () => {
  it('get every event once and in order, whatever is lost, repeated or out of order on the way here', async () => {
    const step = fc.record({
      count: fc.integer({ min: 1, max: 8 }),
      // For each event: lost, or when it comes.
      fate: fc.array(fc.option(fc.nat({ max: 30 }), { freq: 3 }), { minLength: 8, maxLength: 8 }),
      repeat: fc.boolean(),
      joins: fc.boolean(),
      joinsAt: fc.double({ min: 0, max: 1, noNaN: true }),
      fails: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const { store, rooms, client } = world({ recentBytes: 20 });
        const clients: { from: number; client: MemoryClient }[] = [];
        let total = 0;
        for (const { count, fate, repeat, joins, joinsAt, fails } of steps) {
          const arriving = (await append(store, count))
            .map((event, index) => ({ event, at: fate[index] }))
            .filter(({ at }) => at !== null && at !== undefined)
            .sort((a, b) => a.at! - b.at!);
          total += count;
          if (fails) store.failures = 1;
          const joined = client();
          const offset = Math.floor(joinsAt * total);
          const asked = joins ? subscribe(joined, { offset, epoch: 's.1' }) : undefined;
          for (const { event } of arriving) rooms.accept(event);
          if (repeat) for (const { event } of arriving) rooms.accept(event);
          const reply = await asked;
          // A store that is away is told, and nobody is half in.
          if (reply?.type === 'ok') clients.push({ from: offset, client: joined });
        }
        store.failures = 0;
        // What the feed does once a second: it knows the head, so that no last event is lost.
        rooms.jumped(slotOf(room));
        await eventually(
          () => {
            rooms.tick(performance.now());
            for (const {
              from,
              client: { socket },
            } of clients)
              expect(socket.offsets).toEqual(upTo(total, from + 1));
          },
          { every: 5, within: 3000 },
        );
        rooms.stop();
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('share one read of the same page', async () => {
    const { store, client } = world({ recentBytes: 0 });
    await append(store, 50);
    let reads = 0;
    const readStream = store.readStream.bind(store);
    store.readStream = (...args) => {
      reads += 1;
      return readStream(...args);
    };
    const clients = Array.from({ length: 20 }, client);
    await Promise.all(clients.map((one) => subscribe(one, { offset: 0 })));
    for (const { socket } of clients) await eventually(() => expect(socket.offsets).toEqual(upTo(50)));
    // The head once, the page once.
    expect(reads).toBe(2);
  });

  it('that come back together are served from memory, without a read of the store', async () => {
    const { store, rooms, client } = world();
    const early = client();
    await subscribe(early);
    for (const event of await append(store, 40)) rooms.accept(event);
    await eventually(() => expect(early.socket.offsets).toEqual(upTo(40)));
    let reads = 0;
    const readStream = store.readStream.bind(store);
    store.readStream = (...args) => {
      reads += 1;
      return readStream(...args);
    };
    const crowd = Array.from({ length: 300 }, client);
    await Promise.all(crowd.map((one) => subscribe(one, { offset: 10, epoch: 's.1' })));
    for (const { socket } of crowd) await eventually(() => expect(socket.offsets).toEqual(upTo(40, 11)));
    // The room remembers what they missed.
    expect(reads).toBe(0);
  });

  it('that unsubscribe while the room is being opened get nothing', async () => {
    const { store, rooms, client } = world();
    const one = client();
    const asked = subscribe(one);
    const text = JSON.stringify({ id: 1, type: 'room.unsubscribe', data: { room } });
    one.connection.onText(text, text.length);
    await asked;
    for (const event of await append(store, 3)) rooms.accept(event);
    await new Promise((resolve) => setImmediate(resolve));
    expect(one.socket.offsets).toEqual([]);
    expect(rooms.subscriberCount).toBe(0);
  });

  it('that are slow catch up at their own pace, and nothing queues for them', async () => {
    const { store, client } = world({ recentBytes: 0 });
    await append(store, 5000);
    const slow = client();
    slow.socket.reads = false;
    await subscribe(slow, { offset: 0 });
    let drains = 0;
    while (slow.socket.offsets.length < 5000) {
      await eventually(() => expect(slow.socket.bufferedBytes).toBeGreaterThan(0), { every: 1 });
      expect(slow.socket.bufferedBytes).toBeLessThan(3 * 64 * 1024);
      expect(slow.connection.queuedBytes).toBe(0);
      slow.socket.bufferedBytes = 0;
      drains += 1;
      slow.connection.onDrain();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(slow.socket.offsets).toEqual(upTo(5000));
    expect(drains).toBeGreaterThan(3);
  });
});

describe('when the log has another history', () => {
  it('subscribers are told, and their offsets are good up to the fork', async () => {
    const { store, rooms, client } = world();
    await append(store, 10);
    const one = client();
    await subscribe(one);
    const heads = Array.from({ length: slotCount }, () => 0);
    heads[slotOf(room)] = 7;
    store.history = [...store.history, { epoch: 's.2', heads }];
    rooms.epochChanged('s.2');
    expect(one.socket.frames.at(-1)).toMatchObject({ type: 'reset', room, epoch: 's.2' });
    expect(rooms.subscriberCount).toBe(0);

    expect((await subscribe(one, { offset: 8, epoch: 's.1' })).error).toMatchObject({ code: 'room.unrecoverable' });
    expect((await subscribe(one, { offset: 8, epoch: 'other.1' })).error).toMatchObject({ code: 'room.unrecoverable' });
    expect((await subscribe(one, { offset: 7, epoch: 's.1' })).data).toMatchObject({ epoch: 's.2', offset: 7 });
    await eventually(() => expect(one.socket.offsets).toEqual([8, 9, 10]));
  });

  it('a page of it is not sent to subscribers of the old one', async () => {
    const { store, rooms, client } = world({ recentBytes: 0 });
    await append(store, 10);
    let looks = 0;
    rooms.onOtherEpoch = () => (looks += 1);
    const one = client();
    await subscribe(one);
    store.history = [{ epoch: 's.2', heads: [] }];
    const late = client();
    await subscribe(late, { offset: 3, epoch: 's.1' });
    await eventually(() => expect(looks).toBeGreaterThan(0));
    expect(late.socket.offsets).toEqual([]);
  });
});

describe('a room that another stream ends', () => {
  const output = 'output:shop/1/a';
  const ended = { type: 'run.erased', at: 1, data: {}, lifecycle: true };
  const erase = async (store: ReturnType<typeof memoryRooms>['store']) => {
    const recorded: RecordedEvent[] = [];
    const stop = store.onCommitted((events) => recorded.push(...events));
    await store.append({ stream: room, events: [{ ...ended, eventId: randomUUID() }] });
    stop();
    return recorded[0]!;
  };
  const withOutput = () => {
    const made = world();
    made.registry.add(
      defineRoom({
        kind: 'stream',
        pattern: 'output:{projectId}/{runId}/{testKey}',
        projectOf: () => 'shop',
        endedBy: () => ({ stream: room, type: 'run.erased' }),
      }),
    );
    return made;
  };

  it('tells those who are in, also when only they hear of that stream, and lets nobody in after it', async () => {
    const { store, rooms, client } = withOutput();
    const inside = client();
    expect(await subscribe(inside, { room: output })).toMatchObject({ type: 'ok' });
    expect(rooms.wants(slotOf(room))).toBe(true);
    rooms.accept(await erase(store));
    expect(inside.socket.frames).toContainEqual(expect.objectContaining({ type: 'reset', room: output }));
    expect(rooms.wants(slotOf(room))).toBe(false);
    expect(await subscribe(client(), { room: output })).toMatchObject({ error: { code: 'room.gone' } });
    expect(rooms.roomCount).toBe(0);
  });

  it('finds out by itself when events of that stream were left out', async () => {
    const { store, rooms, client } = withOutput();
    const inside = client();
    await subscribe(inside, { room: output });
    rooms.jumped(slotOf(room));
    await erase(store);
    rooms.jumped(slotOf(room));
    await eventually(() => expect(inside.socket.frames.at(-1)).toMatchObject({ type: 'reset', room: output }));
    expect(inside.socket.frames.filter(({ type }) => type === 'reset')).toHaveLength(1);
  });
});
