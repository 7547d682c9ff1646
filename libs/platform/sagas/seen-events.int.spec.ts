import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectionOptions } from '#platform/database';
import { MemoryEventStore, slotOf } from '#platform/event-store';
import { anyEvent, anyStream, createDatabase } from '#platform/testing';
import { SeenEvents } from './seen-events.ts';

let database: DataSource;
beforeAll(async () => {
  database = await new DataSource(connectionOptions({ url: await createDatabase(), poolSize: 2 })).initialize();
});
afterAll(() => database?.destroy());

const reader = { name: 'reader', version: 1 };
const other = { name: 'other', version: 1 };
async function readUpTo(stream: string, position: number, { name } = reader): Promise<void> {
  await database.query(
    `insert into projection_checkpoints (projection, version, slot, position) values ($3, 1, $1, $2)
     on conflict (projection, version, slot) do update set position = excluded.position`,
    [slotOf(stream), position, name],
  );
}

it('everything is seen up to a moment whose heads the handler has reached, however far the log has gone on since', async () => {
  const log = new MemoryEventStore();
  const seen = new SeenEvents(database, log, [reader]);
  const stream = anyStream();
  expect(await seen.upTo(1000)).toBe(1000);

  await log.append({ stream, events: [anyEvent(), anyEvent()] });
  expect(await seen.upTo(2000)).toBe(1000);
  await readUpTo(stream, 1);
  expect(await seen.upTo(3000)).toBe(1000);

  await log.append({ stream, events: [anyEvent()] });
  await readUpTo(stream, 2);
  expect(await seen.upTo(4000)).toBe(2000);
  expect(await seen.upTo(5000)).toBe(2000);

  await readUpTo(stream, 3);
  expect(await seen.upTo(6000)).toBe(5000);
  expect(await seen.upTo(7000)).toBe(7000);
});

it('what several handlers have seen is what the slowest of them has', async () => {
  const log = new MemoryEventStore();
  const seen = new SeenEvents(database, log, [reader, other]);
  const stream = anyStream();
  await log.append({ stream, events: [anyEvent()] });
  await readUpTo(stream, 1);
  expect(await seen.upTo(1000)).toBe(0);
  await readUpTo(stream, 1, other);
  expect(await seen.upTo(2000)).toBe(1000);
});
