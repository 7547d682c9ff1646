import { connectionOptions } from '#platform/database';
import { createDatabase } from '#platform/testing';
import { DataSource } from 'typeorm';
import { afterAll, expect, it } from 'vitest';
import { beginNewEpoch, currentEpoch, installationId } from './index.ts';

const opened: DataSource[] = [];
async function open(url: string): Promise<DataSource> {
  const database = await new DataSource(connectionOptions({ url, poolSize: 1 })).initialize();
  opened.push(database);
  return database;
}
afterAll(() => Promise.all(opened.map((database) => database.destroy())));

it('an installation has one name for all its processes, also in its next epoch', async () => {
  const url = await createDatabase();
  const [one, another] = await Promise.all([open(url), open(url)]);
  const name = await installationId(one);
  expect(name).toMatch(/^[A-Za-z0-9_.-]{10,64}$/);
  await beginNewEpoch(one);
  expect(await installationId(another)).toBe(name);
});

it('a copy of a database is another installation, though its log has the same id', async () => {
  // Databases of tests are copies of one.
  const [one, copy] = await Promise.all([open(await createDatabase()), open(await createDatabase())]);
  expect(await currentEpoch(copy)).toBe(await currentEpoch(one));
  expect(await installationId(copy)).not.toBe(await installationId(one));
});
