import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { RecordedEvent } from '#platform/event-store';
import { GatheredEvents } from './gathered-events.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const at = (...positions: number[]) =>
  positions.map((position) => ({ slot: 1, position, dataJson: '{}' }) as RecordedEvent);
const many = (count: number) => at(...Array.from({ length: count }, (_, index) => index));

/** What is passed on, as positions; passing goes on when it is let. */
function newTest({ room = Promise.resolve() } = {}) {
  const passed: [epoch: string, ...positions: number[]][] = [];
  const gathered = new GatheredEvents((events, epoch) => {
    passed.push([epoch, ...events.map(({ position }) => position)]);
    return room;
  }, 80);
  return { gathered, passed };
}

it('passes on together what comes within a while, in order, and what comes later again', async () => {
  const { gathered, passed } = newTest();
  await gathered.add(at(1, 2), 'e.1');
  await vi.advanceTimersByTimeAsync(79);
  await gathered.add(at(3), 'e.1');
  expect(passed).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(passed).toEqual([['e.1', 1, 2, 3]]);
  await gathered.add(at(4), 'e.1');
  await vi.advanceTimersByTimeAsync(80);
  expect(passed).toEqual([
    ['e.1', 1, 2, 3],
    ['e.1', 4],
  ]);
});

it('lets go of what is of an epoch that is over', async () => {
  const { gathered, passed } = newTest();
  await gathered.add(at(1), 'e.1');
  await gathered.add(at(2), 'e.2');
  await vi.advanceTimersByTimeAsync(80);
  expect(passed).toEqual([['e.2', 2]]);
});

it('keeps whoever brings more waiting while there is no room, and then passes on at once', async () => {
  let makeRoom = (): void => undefined;
  const { gathered, passed } = newTest({ room: new Promise<void>((resolve) => (makeRoom = resolve)) });
  await gathered.add(at(0), 'e.1');
  await vi.advanceTimersByTimeAsync(80);
  let taken = false;
  const adding = gathered.add(many(2_000), 'e.1').then(() => (taken = true));
  await vi.advanceTimersByTimeAsync(1_000);
  expect([passed.length, taken]).toEqual([1, false]);
  makeRoom();
  await adding;
  expect(passed.map(({ length }) => length - 1)).toEqual([1, 2_000]);
});

it('keeps whoever brings more waiting when there are few events, but large ones', async () => {
  const { gathered, passed } = newTest({ room: new Promise<void>(() => undefined) });
  const large = (position: number) => ({ ...at(position)[0]!, dataJson: 'é'.repeat(512 * 1024) });
  await gathered.add(at(0), 'e.1');
  await vi.advanceTimersByTimeAsync(80);
  const taken: number[] = [];
  for (const position of [1, 2, 3, 4, 5, 6, 7, 8])
    void gathered.add([large(position)], 'e.1').then(() => taken.push(position));
  await vi.advanceTimersByTimeAsync(1_000);
  expect([passed.length, taken]).toEqual([1, [1, 2, 3, 4, 5, 6, 7]]);
});

it('passes on at once when it becomes full while it gathers, and gathers again after it', async () => {
  const { gathered, passed } = newTest();
  await gathered.add(at(0), 'e.1');
  await vi.advanceTimersByTimeAsync(10);
  await gathered.add(many(2_000), 'e.1');
  expect(passed.map(({ length }) => length - 1)).toEqual([2_001]);
  await gathered.add(at(1), 'e.1');
  await vi.advanceTimersByTimeAsync(79);
  expect(passed).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(passed).toHaveLength(2);
});

it('passes on nothing after it was stopped', async () => {
  const { gathered, passed } = newTest();
  await gathered.add(at(1), 'e.1');
  gathered.stop();
  await gathered.add(at(2), 'e.1');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(passed).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});
