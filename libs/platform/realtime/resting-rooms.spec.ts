import { afterEach, expect, it } from 'vitest';
import { memoryRooms, room, subscribe } from './fixtures/memory-rooms.ts';
import { maxRestingRooms } from './resting-rooms.ts';
import type { RoomHub } from './room-hub.ts';

let hub: RoomHub | undefined;
afterEach(() => hub?.stop());

function world() {
  const made = memoryRooms();
  hub = made.rooms;
  return made;
}
const names = Array.from({ length: maxRestingRooms + 200 }, (_, at) => `run:shop/passing-${at}`);

it('of rooms that nobody is in only so many stay, the last ones, and all in which somebody is', async () => {
  const { rooms, client } = world();
  const watcher = client();
  await subscribe(watcher);
  const channels = await Promise.all(names.map((name) => rooms.streamChannel(name)));
  rooms.tick(performance.now());
  expect(rooms.roomCount).toBe(maxRestingRooms + 1);
  expect(watcher.connection.subscriptions.has(room)).toBe(true);
  expect(rooms.holds(channels.at(-1)!)).toBe(true);
});

it('rooms that are on their way are not closed, however many there are', async () => {
  const { rooms, store } = world();
  let open = () => {};
  store.hold = new Promise((resolve) => (open = resolve));
  const opening = Promise.all(names.map((name) => rooms.streamChannel(name)));
  rooms.tick(performance.now());
  expect(rooms.roomCount).toBe(names.length);
  open();
  await opening;
});
