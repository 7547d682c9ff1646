import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { afterEach, expect, it } from 'vitest';
import { type EventStore, type Heads, MemoryEventStore, type RecordedEvent } from '#platform/event-store';
import { eventually } from '#platform/testing';
import { LogTail } from './log-tail.ts';

Logger.overrideLogger(false);
const nowhere = Array.from({ length: 256 }, () => 0);
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

function newTestTail(wrap: (log: MemoryEventStore) => Pick<EventStore, 'heads' | 'readSlots'> = (log) => log) {
  const log = new MemoryEventStore();
  const seen: RecordedEvent[] = [];
  const sink = {
    reloads: 0,
    offer: async (events: readonly RecordedEvent[]) => void seen.push(...events),
    noteHeads: () => undefined,
    reload: async () => {
      sink.reloads += 1;
      return nowhere;
    },
  };
  const tail = new LogTail(wrap(log), sink);
  stops.push(() => tail.stop());
  const append = (stream: string, count = 1) =>
    log.append({
      stream,
      events: Array.from({ length: count }, () => ({ eventId: randomUUID(), type: 't', at: 0, data: {} })),
    });
  return {
    log,
    tail,
    seen,
    sink,
    append,
    versionsOf: (stream: string) => seen.filter((event) => event.stream === stream).map(({ version }) => version),
  };
}
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

it('brings every event once and in order within its slot, page by page', async () => {
  const { tail, append, versionsOf } = newTestTail();
  await append('run:p/1', 300);
  await append('run:p/1', 450);
  await append('run:p/2', 3);
  tail.start(nowhere);
  await eventually(() => expect([versionsOf('run:p/1'), versionsOf('run:p/2')]).toEqual([upTo(750), upTo(3)]));
  await append('run:p/2');
  await eventually(() => expect(versionsOf('run:p/2')).toEqual(upTo(4)));
});

it('starts after the positions it is given', async () => {
  const { log, tail, append, versionsOf } = newTestTail();
  await append('run:p/1', 5);
  tail.start((await log.heads()).positions);
  await append('run:p/1');
  tail.wake();
  await eventually(() => expect(versionsOf('run:p/1')).toEqual([6]));
});

it('goes on when the store was away', async () => {
  let away = true;
  const { tail, append, versionsOf } = newTestTail((log) => ({
    heads: () => log.heads(),
    readSlots: async (...slots) => {
      if (away) throw new Error('away');
      return log.readSlots(...slots);
    },
  }));
  await append('run:p/1', 2);
  tail.start(nowhere);
  tail.wake();
  away = false;
  await eventually(() => expect(versionsOf('run:p/1')).toEqual([1, 2]));
});

it('starts anew when the log goes on in another epoch', async () => {
  let epoch = 'e.1';
  const { tail, sink, append, versionsOf } = newTestTail((log) => ({
    heads: async (): Promise<Heads> => ({ ...(await log.heads()), epoch }),
    readSlots: (...slots) => log.readSlots(...slots),
  }));
  await append('run:p/1', 2);
  tail.start(nowhere);
  await eventually(() => expect(versionsOf('run:p/1')).toEqual([1, 2]));
  epoch = 'e.2';
  tail.wake();
  await eventually(() => expect(sink.reloads).toBe(1));
  await eventually(() => expect(versionsOf('run:p/1')).toEqual([1, 2, 1, 2]));
});

it('brings what is new elsewhere before all of a slot that is far behind', async () => {
  const { tail, append, seen } = newTestTail();
  for (let times = 0; times < 8; times++) await append('run:p/1', 500);
  await append('run:p/2', 1);
  tail.start(nowhere);
  await eventually(() => expect(seen).toHaveLength(4_001));
  expect(seen.findIndex(({ stream }) => stream === 'run:p/2')).toBeLessThan(1_000);
});

it('waits for a sink that has no room', async () => {
  const { tail, sink, append, seen } = newTestTail();
  let makeRoom = () => {};
  const room = new Promise<void>((resolve) => (makeRoom = resolve));
  sink.offer = async (events) => {
    seen.push(...events);
    await room;
  };
  for (let times = 0; times < 4; times++) await append('run:p/1', 500);
  tail.start(nowhere);
  await eventually(() => expect(seen.length).toBeGreaterThan(0));
  expect(seen).toHaveLength(1_000);
  makeRoom();
  await eventually(() => expect(seen).toHaveLength(2_000));
});
