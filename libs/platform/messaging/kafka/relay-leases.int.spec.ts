import { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectionOptions } from '#platform/database';
import { createDatabase, eventually } from '#platform/testing';
import { topicPartitions } from './kafka-options.ts';
import { RelayLeases } from './relay-leases.ts';

/** Far above what a test takes, and, where another takes over, what a test waits for. */
const [long, short] = [60_000, 300];
let dataSource: DataSource;
beforeAll(async () => {
  dataSource = await new DataSource(connectionOptions({ url: await createDatabase() })).initialize();
});
afterAll(() => dataSource.destroy());
beforeEach(async () => {
  await dataSource.query(`update relay_partitions set owner = null, wanted_by = null, until = clock_timestamp()`);
  await dataSource.query('update relay_slots set published = 0');
});

const relay = (mine: (partition: number) => boolean, lastsMs = long) => new RelayLeases(dataSource, { mine }, lastsMs);
const even = (partition: number): boolean => partition % 2 === 0;
const odd = (partition: number): boolean => !even(partition);

function heldBy(leases: RelayLeases): number[] {
  return [...new Set([...leases.published.keys()].map((slot) => slot % topicPartitions))].sort((a, b) => a - b);
}

async function published(slot: number): Promise<number> {
  const [row] = await dataSource.query<{ published: number }[]>(
    'select published::int as published from relay_slots where slot = $1',
    [slot],
  );
  return row!.published;
}

const all = Array.from({ length: topicPartitions }, (_, partition) => partition);

describe('a partition', () => {
  it('is relayed by the one whose share it is, and each relay has its own', async () => {
    const [first, second] = [relay(even), relay(odd)];
    await Promise.all([first.beat(), second.beat()]);
    expect(heldBy(first)).toEqual(all.filter(even));
    expect(heldBy(second)).toEqual(all.filter(odd));
  });

  it('goes to whose share it is when who has it has finished a batch', async () => {
    const first = relay(() => true);
    await first.beat();
    expect(heldBy(first)).toEqual(all);
    const second = relay(odd);
    await second.beat();
    expect(heldBy(second)).toEqual([]);
    await first.beat();
    first.checkpoint(new Map([[1, 7]]));
    await first.yieldWanted();
    await second.beat();
    expect(heldBy(first)).toEqual(all.filter(even));
    expect(heldBy(second)).toEqual(all.filter(odd));
    expect(second.published.get(1)).toBe(7);
  });

  it('is taken over from one that is frozen, which writes nothing when it goes on', async () => {
    const [frozen, other] = [relay(() => true, short), relay(() => true, short)];
    await frozen.beat();
    frozen.checkpoint(new Map([[5, 10]]));
    await frozen.save();
    expect(await published(5)).toBe(10);
    await eventually(async () => {
      await other.beat();
      expect(heldBy(other)).toEqual(all);
    });
    other.checkpoint(new Map([[5, 20]]));
    await other.save();
    // Its batch in flight was acknowledged before it was frozen.
    frozen.checkpoint(
      new Map([
        [5, 30],
        [6, 30],
      ]),
    );
    await frozen.save();
    expect([await published(5), await published(6)]).toEqual([20, 0]);
    expect(heldBy(frozen)).toEqual([]);
    expect(heldBy(other)).toEqual(all);
  });

  it('is relayed by another when whose share it is does not take it, for it may not reach Kafka', async () => {
    const other = relay(even, short);
    await eventually(async () => {
      await other.beat();
      expect(heldBy(other)).toEqual(all);
    });
  });

  it('is free at once when a relay ends', async () => {
    const [first, second] = [relay(() => true), relay(() => true)];
    await first.beat();
    first.checkpoint(new Map([[3, 8]]));
    await first.end();
    await second.beat();
    expect(heldBy(second)).toEqual(all);
    expect(second.published.get(3)).toBe(8);
  });

  it('is not taken by a beat that was under way when its relay ended', async () => {
    const [ended, other] = [relay(() => true), relay(() => true)];
    const beat = ended.beat();
    await ended.end();
    await beat;
    await other.beat();
    expect(heldBy(other)).toEqual(all);
  });
});
