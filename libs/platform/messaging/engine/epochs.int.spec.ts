import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connectionOptions } from '#platform/database';
import { type Heads, MemoryEventStore, type RecordedEvent, slotOf } from '#platform/event-store';
import { anyEvent, createDatabase, eventually } from '#platform/testing';
import { PostgresCheckpointStore } from './checkpoint-store.postgres.ts';
import { newTestMetrics } from './fixtures/test-engine.ts';
import { ProjectionEngine } from './projection-engine.ts';

Logger.overrideLogger(false);
const stream = 'run:p/1';
const slot = slotOf(stream);
let database: DataSource;
let engine: ProjectionEngine;
beforeEach(async () => {
  database = await new DataSource(connectionOptions({ url: await createDatabase() })).initialize();
});
afterEach(async () => {
  await engine.stop();
  await database.destroy();
});

/** The database's log as one that a fail-over cuts off and continues. */
class ForkingLog {
  private log = new MemoryEventStore();

  append = (types: readonly string[]) =>
    this.log.append({ stream, events: types.map((type) => anyEvent({ type, eventId: randomUUID() })) });
  readSlot = (of: number, after: number): Promise<RecordedEvent[]> => this.log.readSlot(of, after);
  readStream = (name: string, after: number) => this.log.readStream(name, after);

  async heads(): Promise<Heads> {
    const [row] = await database.query<[{ epoch: string }]>('select store_epoch() as epoch');
    return { epoch: row.epoch, positions: (await this.log.heads()).positions };
  }

  /** Keeps the first so many events and goes on with others, in another epoch. */
  async fork(kept: number, types: readonly string[]): Promise<void> {
    const { events } = await this.log.readStream(stream, 0);
    this.log = new MemoryEventStore();
    await this.append(events.slice(0, kept).map(({ type }) => type));
    await database.query('select begin_store_epoch((select max(n) from store_epochs))');
    await this.append(types);
  }
}

it('what was read before a fail-over is neither applied nor passed after it', async () => {
  const log = new ForkingLog();
  await log.append(['kept']);
  const applied: string[] = [];
  let release!: () => void;
  const held = new Promise<void>((resolve) => (release = resolve));
  const projection = {
    name: randomUUID(),
    version: 1,
    events: ['kept', 'lost', 'later'],
    apply: async (batch: readonly RecordedEvent[]) => void applied.push(...batch.map(({ type }) => type)),
  };
  const checkpoints = new PostgresCheckpointStore(database, log);
  const advance = checkpoints.advance.bind(checkpoints);
  // The database goes away with the batch in hand, and comes back as another.
  checkpoints.advance = async (...given) => {
    if (given[2].some(({ type }) => type === 'lost')) await held;
    return advance(...given);
  };
  const options = { pauseMs: 0, retryMs: () => 5, holeAfterMs: 0 };
  engine = new ProjectionEngine(log, checkpoints, newTestMetrics(), { now: () => Date.now() }, options);
  await engine.start([projection]);
  await eventually(() => expect(applied).toEqual(['kept']));

  await log.append(['lost', 'lost', 'other']);
  const before = await log.heads();
  await engine.offer(await log.readSlot(slot, 0), before.epoch);
  await log.fork(1, ['later']);
  release();
  // It comes late, from a feed that has not heard yet.
  await engine.offer(await log.readSlot(slot, 0), before.epoch);
  await engine.reload();
  await eventually(() => expect(applied).toEqual(['kept', 'later']));
  await engine.offer(await log.readSlot(slot, 0), before.epoch);
  // What was applied is committed a moment later.
  await eventually(async () => expect((await checkpoints.load(projection))[slot]).toBe(2));
  expect(applied).toEqual(['kept', 'later']);
});

it('checkpoints of events that no handler wants stay where they are as well', async () => {
  const log = new ForkingLog();
  await log.append(['kept', 'other', 'other']);
  const checkpoints = new PostgresCheckpointStore(database, log);
  engine = new ProjectionEngine(log, checkpoints, newTestMetrics(), { now: () => Date.now() });
  const projection = { name: randomUUID(), version: 1, epoch: (await log.heads()).epoch };
  await checkpoints.load(projection);
  await log.fork(1, []);
  const moves = [{ slot, from: 0, to: 3 }];
  await expect(checkpoints.advance(projection as never, moves, [])).rejects.toThrow('another epoch');
  expect((await checkpoints.load(projection))[slot]).toBe(0);
});
