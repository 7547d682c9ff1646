import { afterEach, describe, expect, it } from 'vitest';
import { slotOf } from '#platform/event-store';
import { eventually } from '#platform/testing';
import { append, type MemoryClient, memoryRooms, room, subscribe } from './fixtures/memory-rooms.ts';
import type { RoomHub } from './room-hub.ts';

let hub: RoomHub | undefined;
afterEach(() => hub?.stop());

function world(...args: Parameters<typeof memoryRooms>) {
  const made = memoryRooms(...args);
  hub = made.rooms;
  return made;
}

/** Holds the answers of reads that begin now until it is called. */
function holdReads(store: { hold: Promise<void> | undefined }): () => void {
  let letGo: () => void = () => undefined;
  store.hold = new Promise((resolve) => (letGo = resolve));
  return () => {
    store.hold = undefined;
    letGo();
  };
}

const say = ({ connection }: MemoryClient, frame: object) => {
  const text = JSON.stringify(frame);
  connection.onText(text, text.length);
};
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('events that the feed left out, with nothing behind them,', () => {
  it('reach a room that was being opened', async () => {
    const { store, rooms, client } = world();
    const one = client();
    const letGo = holdReads(store);
    const asked = subscribe(one);
    await append(store, 2);
    rooms.jumped(slotOf(room));
    letGo();
    await asked;
    await eventually(() => expect(one.socket.offsets).toEqual([1, 2]));
  });

  it('reach a room of which an earlier read was under way', async () => {
    const { store, rooms, client } = world();
    const one = client();
    await subscribe(one);
    const letGo = holdReads(store);
    rooms.jumped(slotOf(room));
    await eventually(() => expect(rooms.holeReads).toBe(1));
    await turn();
    await append(store, 2);
    rooms.jumped(slotOf(room));
    letGo();
    await eventually(() => expect(one.socket.offsets).toEqual([1, 2]));
  });

  it('reach a room that could not read them at first, which says so once', async () => {
    const { store, rooms, client, reports } = world();
    const one = client();
    await subscribe(one);
    await append(store, 2);
    store.failures = 2;
    rooms.jumped(slotOf(room));
    await eventually(() => expect(one.socket.offsets).toEqual([1, 2]));
    expect(reports).toHaveLength(1);
  });
});

describe('a client that waits for the reply to its subscribe', () => {
  /** The reply is held up by that of a message before it. */
  function waiting() {
    const made = world();
    let settle: () => void = () => undefined;
    made.handlers.add('slow', () => new Promise<void>((resolve) => (settle = resolve)));
    const one = made.client();
    say(one, { id: 1, type: 'slow' });
    const types = () => one.socket.frames.map(({ type }) => type);
    return { ...made, one, types, settle: () => settle() };
  }

  it('learns after it that the log has another history', async () => {
    const { store, rooms, one, types, settle } = waiting();
    say(one, { id: 2, type: 'room.subscribe', data: { room } });
    await eventually(() => expect(rooms.subscriberCount).toBe(1));
    store.history = [...store.history, { epoch: 's.2', heads: [] }];
    rooms.epochChanged('s.2');
    settle();
    await eventually(() => expect(types()).toEqual(['ok', 'ok', 'reset']));
  });

  it('is told after it that it lost access', async () => {
    const { rooms, one, types, settle } = waiting();
    say(one, { id: 2, type: 'room.subscribe', data: { room } });
    await eventually(() => expect(rooms.subscriberCount).toBe(1));
    one.connection.renew({ subject: 'a', grants: { bank: 'read' } });
    expect(rooms.subscriberCount).toBe(0);
    settle();
    await eventually(() => expect(types()).toEqual(['ok', 'ok', 'reset']));
  });

  it('is refused when it lost access while the room was being opened', async () => {
    const { store, rooms, client } = world();
    const one = client();
    const letGo = holdReads(store);
    const asked = subscribe(one);
    await turn();
    one.connection.renew({ subject: 'a', grants: { bank: 'read' } });
    letGo();
    expect(await asked).toMatchObject({ type: 'error', error: { code: 'auth.forbidden' } });
    expect(rooms.subscriberCount).toBe(0);
    expect(one.socket.frames).toHaveLength(1);
  });

  it('is held to the grants of now when its message had to wait', async () => {
    const { handlers, rooms, client } = world();
    const settlers: (() => void)[] = [];
    handlers.add('slow', () => new Promise<void>((resolve) => settlers.push(resolve)));
    const one = client();
    for (let id = 1; id <= 16; id++) say(one, { id, type: 'slow' });
    say(one, { id: 17, type: 'room.subscribe', data: { room } });
    one.connection.renew({ subject: 'a', grants: { bank: 'read' } });
    for (const settle of settlers) settle();
    await eventually(() =>
      expect(one.socket.frames.at(-1)).toMatchObject({ id: 17, type: 'error', error: { code: 'auth.forbidden' } }),
    );
    expect(rooms.subscriberCount).toBe(0);
  });
});
