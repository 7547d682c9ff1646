import { expect, it } from 'vitest';
import type { RecordedEvent } from '#platform/event-store';
import { Lane } from './lane.ts';

const event = (position: number): RecordedEvent => ({
  slot: 7,
  position,
  stream: 's',
  version: position,
  eventId: `${position}`,
  type: 't',
  at: 0,
  recordedAt: 0,
  dataJson: '{}',
});
const positions = (lane: Lane) => lane.peek(100).map(({ position }) => position);

function newTestLane(checkpoint = 0) {
  const lane = new Lane(7);
  lane.settle(checkpoint);
  return lane;
}

it('keeps what follows on, drops repeats, and remembers only the height of what comes too early', () => {
  const lane = newTestLane(2);
  for (const position of [1, 2, 3, 3, 4, 7, 5]) lane.offer(event(position), true);
  expect(positions(lane)).toEqual([3, 4, 5]);
  expect([lane.pending, lane.head, lane.fetched]).toEqual([5, 7, 5]);
});

it('keeps nothing without room, and does not forget that it was there', () => {
  const lane = newTestLane();
  lane.offer(event(1), false);
  expect([lane.buffered, lane.bytes, lane.pending]).toEqual([0, 0, 1]);
});

it('takes from a page only what the feed has not brought meanwhile', () => {
  const lane = newTestLane();
  lane.noteHead(3);
  lane.offer(event(1), true);
  lane.takePage([event(1), event(2), event(3)], 3);
  expect(positions(lane)).toEqual([1, 2, 3]);
});

it('refuses to go on after a hole in the log', () => {
  const lane = newTestLane();
  lane.noteHead(3);
  expect(() => lane.takePage([event(2), event(3)], 3)).toThrow('slot 7 of the log goes on at 2 where 1 should be');
  expect(lane.buffered).toBe(0);
});

it('gives up a head that the log does not have, but not one that was noted since', () => {
  const lane = newTestLane(4);
  lane.noteHead(9);
  lane.takePage([], 9);
  expect(lane.pending).toBe(0);
  lane.noteHead(9);
  const before = lane.head;
  lane.offer(event(12), true);
  lane.takePage([], before);
  expect(lane.pending).toBe(8);
});

it('drops what a commit has covered, and everything when the checkpoint turns out to be lower', () => {
  const lane = newTestLane();
  for (const position of [1, 2, 3]) lane.offer(event(position), true);
  lane.settle(2);
  expect(positions(lane)).toEqual([3]);
  lane.settle(1);
  expect(positions(lane)).toEqual([]);
  expect([lane.bytes, lane.pending]).toEqual([0, 2]);
});
