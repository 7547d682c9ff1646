import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectionOptions } from '#platform/database';
import { currentEpoch } from '#platform/event-store';
import { createDatabase } from '#platform/testing';
import { newEpoch } from './new-epoch.ts';

let dataSource: DataSource;
beforeAll(async () => {
  dataSource = await new DataSource(connectionOptions({ url: await createDatabase() })).initialize();
});
afterAll(() => dataSource?.destroy());

it('begins a new epoch only when that is confirmed, and names the old one and the new one', async () => {
  const before = await currentEpoch(dataSource);
  const asked = await newEpoch(dataSource, false);
  expect(asked).toMatchObject({ isWell: false, json: { epoch: before } });
  expect(asked.text).toContain(`The log is in epoch ${before}.`);
  expect(await currentEpoch(dataSource)).toBe(before);
  const begun = await newEpoch(dataSource, true);
  const after = await currentEpoch(dataSource);
  expect(after).not.toBe(before);
  expect(begun).toEqual({
    isWell: true,
    json: { before, after },
    text: `The log was in epoch ${before} and is in ${after} now.`,
  });
});
