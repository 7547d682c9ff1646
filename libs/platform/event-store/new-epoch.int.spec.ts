import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectionOptions } from '#platform/database';
import { anyEvent, anyStream, createDatabase } from '#platform/testing';
import { PostgresEventStore } from './event-store.postgres.ts';
import { beginNewEpoch, currentEpoch } from './new-epoch.ts';

let dataSource: DataSource;
let store: PostgresEventStore;
beforeAll(async () => {
  dataSource = await new DataSource(connectionOptions({ url: await createDatabase() })).initialize();
  store = new PostgresEventStore(dataSource);
});
afterAll(async () => {
  await store?.close();
  await dataSource?.destroy();
});

it('begins at the heads of the log, and a process that runs takes it for another history', async () => {
  const stream = anyStream();
  await store.append({ stream, events: [anyEvent()] });
  const { epoch, positions } = await store.heads();
  let others = 0;
  store.onOtherHistory(() => (others += 1));
  const change = await beginNewEpoch(dataSource);
  expect(change).toEqual({ before: epoch, after: expect.stringMatching(/\.2-[\da-f]{8}$/) });
  expect(await currentEpoch(dataSource)).toBe(change.after);
  expect(await store.heads()).toEqual({ epoch: change.after, positions });
  expect(others).toBe(1);
  expect(await store.append({ stream, events: [anyEvent()] })).toMatchObject([{ status: 'appended', version: 2 }]);
  expect((await store.epochs()).map((one) => one.epoch)).toEqual([epoch, change.after]);
  expect((await store.epochs())[1]!.heads).toEqual(positions);
});

it('is one for each of two operators who ask at once', async () => {
  const [one, other] = await Promise.all([beginNewEpoch(dataSource), beginNewEpoch(dataSource)]);
  expect(one.after).not.toBe(other.after);
  expect([one.before, other.before]).toContain(one.before === other.after ? other.after : one.after);
});
