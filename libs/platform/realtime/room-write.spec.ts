import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MemoryEventStore, type RecordedEvent } from '#platform/event-store';
import { append, memoryRooms, room } from './fixtures/memory-rooms.ts';
import { RoomWrite } from './room-write.ts';
import type { StreamMember } from './stream-member.ts';

const putOff = -Infinity;

function member({ connection, socket }: ReturnType<ReturnType<typeof memoryRooms>['client']>) {
  return { connection, socket, resume: () => undefined };
}

async function someEvents(count: number): Promise<RecordedEvent[]> {
  return append(new MemoryEventStore(), count);
}

it('writes to everyone who was live at its beginning and still is, once, however often it is put off', async () => {
  const events = await someEvents(2);
  const { client } = memoryRooms();
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 240 }),
      fc.array(fc.record({ leaves: fc.nat(), joins: fc.boolean() }), { maxLength: 6 }),
      (count, pauses) => {
        const members = Array.from({ length: count }, () => member(client()));
        const live = new Set<StreamMember>(members);
        const late: ReturnType<typeof member>[] = [];
        const left = new Set<StreamMember>();
        const write = new RoomWrite(room, events, live, new Set());
        for (const pause of pauses) {
          if (write.run(putOff)) break;
          const leaver = members[pause.leaves % members.length]!;
          if (leaver.socket.frames.length === 0) left.add(leaver);
          if (live.delete(leaver)) write.leave(leaver);
          if (pause.joins) {
            const joiner = member(client());
            late.push(joiner);
            live.add(joiner);
          }
        }
        while (!write.run(putOff));
        for (const one of members) expect(one.socket.offsets).toEqual(left.has(one) ? [] : [1, 2]);
        for (const one of late) expect(one.socket.offsets).toEqual([]);
      },
    ),
  );
}, 30_000);

it('tells those who catch up after the live ones, and encodes nothing when nobody is live', async () => {
  const events = await someEvents(1);
  const { client } = memoryRooms();
  const order: string[] = [];
  const one = member(client());
  const waiting: StreamMember = {
    connection: one.connection,
    resume: () => order.push(`resumed ${String(one.socket.offsets)}`),
  };
  const write = new RoomWrite(room, events, new Set([one]), new Set([waiting]));
  expect(write.run(Infinity)).toBe(true);
  expect(order).toEqual(['resumed 1']);
  expect(write.subscribers).toBe(1);
  expect(new RoomWrite(room, events, new Set(), new Set()).run(putOff)).toBe(true);
});
