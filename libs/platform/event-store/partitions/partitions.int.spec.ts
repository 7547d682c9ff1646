import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anyEvent } from '#platform/testing';
import { isUnreachable } from '../unreachable.ts';
import { LogUnderTest, streamIn } from './fixtures/log-under-test.ts';
import type { MoveStep } from './partition-move.ts';

let log: LogUnderTest;
beforeAll(async () => {
  log = await LogUnderTest.open();
});
afterAll(() => log?.close());

const many = (count: number) => Array.from({ length: count }, () => anyEvent());

/** A stream with events in each of these slots. */
async function fill(slots: readonly number[], count: number): Promise<Map<string, string[]>> {
  const ids = new Map<string, string[]>();
  for (const slot of slots) {
    const [stream, events] = [streamIn(slot), many(count)];
    ids.set(
      stream,
      events.map(({ eventId }) => eventId),
    );
    await log.store.append({ stream, events });
  }
  return ids;
}

async function requireWhole(ids: ReadonlyMap<string, readonly string[]>): Promise<void> {
  for (const [stream, expected] of ids) {
    const { events } = await log.store.readStream(stream, 0, { limit: 10_000, maxBytes: 16_000_000 });
    expect(events.map(({ eventId }) => eventId)).toEqual(expected);
  }
  expect(await log.verify()).toEqual([]);
}

describe('splitting a partition', () => {
  it('moves half of its slots, with their rows, to a table of their own', async () => {
    const slots = await log.slotsOf(0);
    const ids = await fill(slots, 30);
    const steps: MoveStep[] = [];
    const move = await log.partitions({ onProgress: ({ step }) => void steps.push(step) }).split(0);
    expect(move).toMatchObject({ kind: 'split', partition: 0, rowsTotal: move.slots.length * 30 });
    expect(move.rowsMoved).toBe(move.rowsTotal);
    expect(Math.abs(move.slots.length - slots.length / 2)).toBeLessThan(1);
    const target = move.targets[0]!;
    expect(await log.slotsOf(target)).toEqual(move.slots);
    expect(await log.slotsOf(0)).toEqual(slots.filter((slot) => !move.slots.includes(slot)));
    const { rows } = await log.admin.query<{ slot: number; n: number }>(
      `select slot, count(*)::int as n from events_p${target} group by slot order by slot`,
    );
    expect(rows).toEqual(move.slots.map((slot) => ({ slot, n: 30 })));
    expect(new Set(steps)).toEqual(new Set(['planned', 'attached', 'flipped', 'moved', 'settled', 'finished']));
    await requireWhole(ids);
  });

  it('gives the new table the same indexes, and no check that every insert would pay for', async () => {
    const indexes = async (table: string): Promise<string[]> => {
      const { rows } = await log.admin.query<{ indexdef: string }>(
        `select indexdef from pg_indexes where tablename = $1`,
        [table],
      );
      return rows.map(({ indexdef }) => indexdef.replace(/^.* USING/, '')).sort();
    };
    expect(await indexes('events_p32')).toEqual(await indexes('events_p1'));
    const { rows } = await log.admin.query(
      `select conname from pg_constraint where conrelid = 'events_p32'::regclass and contype = 'c'`,
    );
    expect(rows).toEqual([]);
  });

  it('refuses what cannot be split', async () => {
    await expect(log.partitions().split(99)).rejects.toMatchObject({ code: 'request.invalid' });
    const [first, ...others] = await log.slotsOf(3);
    await log.admin.query('update slots set partition_id = 4 where slot = any ($1)', [others]);
    await expect(log.partitions().split(3)).rejects.toThrow('Partition 3 has no two slots');
    await log.admin.query('update slots set partition_id = 3 where slot = any ($1)', [others]);
    expect(await log.slotsOf(3)).toEqual([first, ...others]);
  });

  it('lets one operator at a time at the partitions', async () => {
    let second: unknown;
    const onProgress = async ({ step }: { step: MoveStep }): Promise<void> => {
      if (step === 'attached')
        second = await log
          .partitions()
          .split(5)
          .catch((error: unknown) => error);
    };
    await log.partitions({ onProgress }).split(4);
    expect(second).toMatchObject({ code: 'store.unavailable', temporary: true });
    expect(await log.partitions().unfinished()).toBeUndefined();
  });
});

describe('an operator that is killed', () => {
  const steps: MoveStep[] = ['planned', 'attached', 'flipped', 'moved', 'settled'];

  it.each(steps)('after the step "%s" leaves a log that is whole, and the next one goes on', async (step) => {
    const partition = 8 + steps.indexOf(step);
    const slots = await log.slotsOf(partition);
    const ids = await fill(slots, 20);
    await expect(log.killedAfter(step).split(partition)).rejects.toSatisfy(isUnreachable);
    expect(await log.partitions().unfinished()).toMatchObject({ kind: 'split', partition });
    await requireWhole(ids);

    const move = await log.partitions().split(partition);
    // The one that was begun, not a second one.
    expect((await log.slotsOf(partition)).length + move.slots.length).toBe(slots.length);
    expect(move.rowsMoved).toBe(move.slots.length * 20);
    for (const slot of slots) expect((await log.partitionOf(slot)).movingFrom).toBeNull();
    await requireWhole(ids);
  });

  it.each(['flipped', 'settled', 'detached'] as const)('after "%s" of a drain is followed as well', async (step) => {
    const partition = { flipped: 20, settled: 21, detached: 22 }[step];
    const slots = await log.slotsOf(partition);
    const ids = await fill(slots, 5);
    await expect(log.killedAfter(step).drain(partition)).rejects.toSatisfy(isUnreachable);
    expect(await log.partitions().resume()).toMatchObject({ kind: 'drain', partition, slots });
    await requireWhole(ids);
    const { rows } = await log.admin.query(`select to_regclass('events_p${partition}') as table`);
    expect(rows).toEqual([{ table: null }]);
  });
});

describe('partitions', () => {
  it('are added with the slots that the ring gives them, and drained to where the ring has the others', async () => {
    const ids = await fill([...Array(40).keys()], 3);
    const added = await log.partitions().add();
    expect(added.slots.length).toBeGreaterThan(0);
    expect(await log.slotsOf(added.partition)).toEqual(added.slots);
    await requireWhole(ids);

    const drained = await log.partitions().drain(added.partition);
    expect(drained.slots).toEqual(added.slots);
    expect(drained.targets).not.toContain(added.partition);
    await requireWhole(ids);
    await expect(log.partitions().drain(added.partition)).rejects.toMatchObject({ code: 'request.invalid' });
  });

  it('say what is in them and what comes to them', async () => {
    const [slot] = await log.slotsOf(1);
    const [stream, other] = [streamIn(slot!), streamIn((await log.slotsOf(2))[0]!)];
    await log.store.append({ stream: other, events: many(1) });
    const counted = log.partitions({ sampleFor: 1_000, capacity: 100 }).statistics();
    for (const until = performance.now() + 1_100; performance.now() < until;) {
      await log.store.append({ stream, events: many(10) });
    }
    const statistics = await counted;
    const busy = statistics.find(({ partition }) => partition === 1)!;
    expect(busy.slots).toEqual(await log.slotsOf(1));
    expect(busy.appendsPerSecond).toBeGreaterThan(10);
    expect(busy.load).toBeCloseTo(busy.appendsPerSecond / 100);
    expect(busy.bytes).toBeGreaterThan(8_192);
    expect(statistics.find(({ partition }) => partition === 2)).toMatchObject({ appendsPerSecond: 0, load: 0 });
    expect(statistics.flatMap(({ slots }) => slots).sort((a, b) => a - b)).toEqual([...Array(256).keys()]);
  });

  it('measure what the server appends, without leaving an event behind', async () => {
    const before = await log.store.heads();
    const [row] = await log.partitions({ capacity: undefined }).statistics();
    expect(row).toBeDefined();
    const { rows } = await log.admin.query<{ capacity: number }>(
      'select events_per_second as capacity from append_capacity',
    );
    expect(rows[0]!.capacity).toBeGreaterThan(100);
    expect(await log.store.heads()).toEqual(before);
    expect(await log.verify()).toEqual([]);
  });

  it('are split while they are over their load, and left alone when one slot is all of it', async () => {
    const [a, b] = await log.slotsOf(6);
    const streams = [streamIn(a!), streamIn(b!)];
    const stop = new AbortController();
    const write = async (stream: string): Promise<void> => {
      while (!stop.signal.aborted) await log.store.append({ stream, events: many(20) });
    };
    const writing = streams.map(write);
    // Every append makes a partition overloaded, so the two slots have to part before it stops.
    const { splits, indivisible } = await log.partitions({ capacity: 1, sampleFor: 300 }).rebalance();
    stop.abort();
    await Promise.all(writing);
    expect(splits.length).toBeGreaterThan(1);
    expect(new Set(indivisible.map(({ slots }) => slots.join()))).toEqual(new Set([String(a), String(b)]));
    expect(await log.verify()).toEqual([]);
  });
});
