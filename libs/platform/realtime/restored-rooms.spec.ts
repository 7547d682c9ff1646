import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '#platform/testing';
import { append, memoryRooms, room, subscribe } from './fixtures/memory-rooms.ts';
import type { RoomHub } from './room-hub.ts';

let hub: RoomHub | undefined;
afterEach(() => hub?.stop());

const other = 'run:shop/2';

/** A connection that comes from another server while the store takes its time. */
function arriving(names: readonly string[]) {
  const made = memoryRooms();
  hub = made.rooms;
  let letGo: () => void = () => undefined;
  made.store.hold = new Promise((resolve) => (letGo = resolve));
  const one = made.client();
  const restored = made.roomHandlers.restore(
    one.connection,
    names.map((name) => ({ room: name, offset: 0, epoch: 's.1' })),
  );
  const go = async (): Promise<void> => {
    made.store.hold = undefined;
    letGo();
    await restored;
  };
  return { ...made, one, go };
}

describe('rooms that are restored', () => {
  it('bring what came after the offset that the other server knew', async () => {
    const { store, rooms, one, go } = arriving([room]);
    for (const event of await append(store, 3)) rooms.accept(event);
    await go();
    await eventually(() => expect(one.socket.offsets).toEqual([1, 2, 3]));
  });

  it('are left alone when the connection closes while the first one opens', async () => {
    const { rooms, one, go } = arriving([room, other]);
    one.connection.onClose(1006);
    await go();
    expect(rooms.subscriberCount).toBe(0);
    expect(one.connection.subscriptions.size).toBe(0);
  });

  it('are left when the client says so before their turn has come', async () => {
    const { rooms, one, go } = arriving([room, other]);
    const text = JSON.stringify({ id: 1, type: 'room.unsubscribe', data: { room: other } });
    one.connection.onText(text, text.length);
    await go();
    expect([...one.connection.subscriptions.keys()]).toEqual([room]);
    expect(rooms.subscriberCount).toBe(1);
  });

  it('give way to a subscription of the client itself', async () => {
    const { store, rooms, one, go } = arriving([other, room]);
    for (const event of await append(store, 4)) rooms.accept(event);
    const asked = subscribe(one, { offset: 2, epoch: 's.1' });
    await go();
    await asked;
    await eventually(() => expect(one.socket.offsets).toEqual([3, 4]));
  });

  it('are tried again while the store is away', async () => {
    const { store, rooms, one, go } = arriving([room]);
    store.failures = 1;
    for (const event of await append(store, 1)) rooms.accept(event);
    await go();
    await eventually(() => expect(one.socket.offsets).toEqual([1]));
    expect(one.socket.frames.some(({ type }) => type === 'reset')).toBe(false);
  });

  it('say so where the grants do not cover them any more', async () => {
    const { one, go } = arriving(['nonsense:1', room]);
    await go();
    expect(one.socket.frames[0]).toMatchObject({
      type: 'reset',
      room: 'nonsense:1',
      reason: 'not restored: room.unknown',
    });
    expect([...one.connection.subscriptions.keys()]).toEqual([room]);
  });
});
