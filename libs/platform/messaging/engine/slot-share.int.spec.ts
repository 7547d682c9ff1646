import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connectionOptions } from '#platform/database';
import { type MemoryEventStore, slotCount } from '#platform/event-store';
import { createDatabase, eventually } from '#platform/testing';
import type { ProjectionBatch } from '../projection.ts';
import { PostgresCheckpointStore } from './checkpoint-store.postgres.ts';
import { memoryLogBeside, newTestMetrics } from './fixtures/test-engine.ts';
import { ProjectionEngine } from './projection-engine.ts';
import { SlotShare } from './slot-share.ts';

Logger.overrideLogger(false);
const slots = Array.from({ length: slotCount }, (_, slot) => slot);
const stops: (() => Promise<unknown>)[] = [];
let url: string;
let log: MemoryEventStore;
beforeEach(async () => {
  url = await createDatabase();
  const database = await new DataSource(connectionOptions({ url })).initialize();
  log = await memoryLogBeside(database);
  await database.destroy();
});
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** Counts what it applies; what two processes apply both shows, also when only one of them commits. */
async function newTestProjector() {
  const dataSource = await new DataSource(connectionOptions({ url, poolSize: 10 })).initialize();
  const share = new SlotShare(dataSource, { everyMs: 50, silentMs: 400 });
  const applied: string[] = [];
  const projection = {
    name: 'counting',
    version: 1,
    events: ['counted'],
    apply: async (batch: ProjectionBatch) => void applied.push(...batch.map(({ eventId }) => eventId)),
  };
  const checkpoints = new PostgresCheckpointStore(dataSource, log);
  const options = { pauseMs: 0, retryMs: () => 5, holeAfterMs: 0, share };
  const engine = new ProjectionEngine(log, checkpoints, newTestMetrics(), { now: () => Date.now() }, options);
  await engine.start([projection]);
  const stop = async () => {
    await engine.stop();
    if (dataSource.isInitialized) await dataSource.destroy();
  };
  stops.push(stop);
  return { dataSource, engine, share, applied, stop };
}
type TestProjector = Awaited<ReturnType<typeof newTestProjector>>;

async function divided(projectors: readonly TestProjector[]): Promise<void> {
  await eventually(() => {
    for (const slot of slots) {
      expect(projectors.filter(({ share }) => share.mine(slot))).toHaveLength(1);
      expect(projectors.filter(({ share }) => share.mineOf('counting', 1, slot))).toHaveLength(1);
    }
    // Each has its part.
    for (const { share } of projectors) expect(slots.filter((slot) => share.mine(slot)).length).toBeGreaterThan(80);
  });
}

async function append(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  for (const [n, eventId] of ids.entries())
    await log.append({ stream: `run:p/${n}`, events: [{ eventId, type: 'counted', at: 0, data: {} }] });
  return ids;
}

async function feed(projectors: readonly TestProjector[]): Promise<void> {
  const { positions } = await log.heads();
  for (const { engine } of projectors) {
    engine.noteHeads(positions);
    engine.noteHeads(positions);
  }
}

it('each event is applied by one of the projectors, and none of the work is done twice', async () => {
  const projectors = [await newTestProjector(), await newTestProjector(), await newTestProjector()];
  await divided(projectors);
  const ids = await append(600);
  await eventually(async () => {
    await feed(projectors);
    expect(projectors.flatMap(({ applied }) => applied).sort()).toEqual(ids.toSorted());
  });
  for (const { applied } of projectors) expect(applied.length).toBeGreaterThan(100);
});

it('what one followed that is gone, with or without a word, is followed by the others', async () => {
  const projectors = [await newTestProjector(), await newTestProjector(), await newTestProjector()];
  await divided(projectors);
  const [left, killed, last] = projectors as [TestProjector, TestProjector, TestProjector];
  await left.stop();
  await divided([killed, last]);
  // Neither a beat nor a farewell comes any more.
  await killed.dataSource.destroy();
  const ids = await append(300);
  await eventually(async () => {
    await feed([last]);
    expect(last.applied.toSorted()).toEqual(ids.toSorted());
  });
});
