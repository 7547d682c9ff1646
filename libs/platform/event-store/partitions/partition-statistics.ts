import { setTimeout as delay } from 'node:timers/promises';
import type { WeighedSlot } from './halve-slots.ts';
import type { OperatorSession } from './operator-session.ts';
import { type PartitionTableStatistics, readPartitionStatistics } from './partition-statistics.sql.ts';
import { sampleSlots, type SlotRow } from './slot-map.sql.ts';
import { slotRates } from './slot-rates.ts';

export interface PartitionStatistics {
  readonly partition: number;
  /** Slots that append to it. */
  readonly slots: readonly number[];
  /** Slots that append elsewhere and have not taken all their old rows along. */
  readonly leaving: readonly number[];
  /** PostgreSQL's estimate. */
  readonly rows: number;
  /** On disk, with indexes. */
  readonly bytes: number;
  readonly appendsPerSecond: number;
  /** Share of the measured append capacity; above 0.85 a partition should be split. */
  readonly load: number;
}

/** What the partitions do at this moment, and each slot's part in it. */
export interface LoadSample {
  readonly partitions: readonly PartitionStatistics[];
  readonly slots: readonly (WeighedSlot & { readonly partition: number })[];
}

/**
 * Rows and bytes as PostgreSQL counts them; appends from the heads of the slots, read twice.
 *
 * @param capacity events a second that is a load of 1
 * @param milliseconds between the two readings
 */
export async function sampleLoad(
  session: OperatorSession,
  capacity: number,
  milliseconds: number,
): Promise<LoadSample> {
  const before = await session.query<SlotRow>(sampleSlots);
  await delay(milliseconds);
  const after = await session.query<SlotRow>(sampleSlots);
  const rates = slotRates(before, after);
  const tables = await session.query<PartitionTableStatistics>(readPartitionStatistics);
  return {
    partitions: tables.map((table) => statisticsOf(table, after, rates, capacity)),
    slots: after.map(({ slot, partition, position }) => ({
      slot,
      partition,
      rate: rates.get(slot) ?? 0,
      rows: Number(position),
    })),
  };
}

function statisticsOf(
  { partition, rows, bytes }: PartitionTableStatistics,
  map: readonly SlotRow[],
  rates: ReadonlyMap<number, number>,
  capacity: number,
): PartitionStatistics {
  const slots = map.filter((row) => row.partition === partition).map(({ slot }) => slot);
  const appendsPerSecond = slots.reduce((sum, slot) => sum + (rates.get(slot) ?? 0), 0);
  return {
    partition,
    slots,
    leaving: map.filter(({ movingFrom }) => movingFrom === partition).map(({ slot }) => slot),
    rows: Number(rows),
    bytes: Number(bytes),
    appendsPerSecond,
    load: appendsPerSecond / capacity,
  };
}
