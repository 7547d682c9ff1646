import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RoomSequencer } from './room-sequencer.ts';

interface Numbered {
  version: number;
  dataJson: string;
}
const numbered = (version: number, bytes = 2): Numbered => ({ version, dataJson: 'x'.repeat(bytes) });

function sequencer(maxAheadBytes?: number) {
  const delivered: number[] = [];
  return { delivered, room: new RoomSequencer<Numbered>(({ version }) => delivered.push(version), maxAheadBytes) };
}

const upTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, index) => from + index);

it('delivers every event once and in order, whatever order, repeats and losses the sources have', () => {
  const scenario = fc.record({
    count: fc.integer({ min: 1, max: 60 }),
    head: fc.nat({ max: 20 }),
    startAfter: fc.nat({ max: 40 }),
    arrivals: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 200 }),
    eventBytes: fc.integer({ min: 1, max: 50 }),
    maxAheadBytes: fc.constantFrom(60, 400, 1_000_000),
  });
  fc.assert(
    fc.property(scenario, ({ count, head, startAfter, arrivals, eventBytes, maxAheadBytes }) => {
      const { room, delivered } = sequencer(maxAheadBytes);
      const start = Math.min(head, count);
      arrivals.forEach((version, index) => {
        if (index === startAfter) room.startAt(start, index);
        if (version <= count) room.accept(numbered(version, eventBytes), index);
        expect(room.parkedBytes).toBeLessThanOrEqual(maxAheadBytes);
      });
      room.startAt(start, 1000);
      room.noteHead(count, 1000);
      // What the sources lost, reads of the store bring, for as long as the sequencer asks.
      for (let reads = 0; room.readDueAt(5) !== undefined; reads++) {
        expect(reads).toBeLessThan(100);
        room.readStarted(1000);
        const page = upTo(Math.min(count, room.head! + 7), room.head! + 1);
        for (const version of page) room.accept(numbered(version, eventBytes), 1000);
      }
      expect(delivered).toEqual(upTo(count, start + 1));
      expect(room.parkedBytes).toBe(0);
    }),
  );
});

it('asks for a read only when a hole has stayed', () => {
  const { room, delivered } = sequencer();
  room.startAt(0, 0);
  room.accept(numbered(2), 100);
  expect(room.readDueAt(25)).toBe(125);
  room.accept(numbered(1), 110);
  expect(room.readDueAt(25)).toBeUndefined();
  expect(delivered).toEqual([1, 2]);
});

it('asks for a read at once when it had to forget what was ahead', () => {
  const { room } = sequencer(10);
  room.startAt(0, 0);
  room.accept(numbered(3, 8), 100);
  room.accept(numbered(4, 8), 101);
  expect(room.parkedBytes).toBe(0);
  expect(room.readDueAt(25)).toBe(100);
});

it('keeps what comes before the head is known', () => {
  const { room, delivered } = sequencer();
  room.accept(numbered(7), 0);
  room.accept(numbered(5), 0);
  room.accept(numbered(6), 0);
  expect(delivered).toEqual([]);
  room.startAt(5, 1);
  expect(delivered).toEqual([6, 7]);
});
