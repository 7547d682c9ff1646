import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PostgresEventStore, type RecordedEvent } from '#platform/event-store';
import { createDatabase, eventually } from '#platform/testing';
import { ReadPlaces } from './read-places.ts';
import { RoomFeed } from './room-feed.ts';
import { StreamPages } from './stream-pages.ts';

const room = 'run:shop/1';
let here: PostgresEventStore;
let elsewhere: PostgresEventStore;
const sources: DataSource[] = [];

beforeAll(async () => {
  const url = await createDatabase();
  const open = async () => {
    const source = await new DataSource({ type: 'postgres', url, extra: { max: 8 } }).initialize();
    sources.push(source);
    return new PostgresEventStore(source);
  };
  here = await open();
  elsewhere = await open();
});
afterAll(async () => {
  await Promise.all([here.close(), elsewhere.close()]);
  await Promise.all(sources.map((source) => source.destroy()));
});

function result(index: number) {
  const eventId = `00000000-0000-8000-8000-${String(index).padStart(12, '0')}`;
  return { eventId, type: 'test.finished', at: 1, data: { index } };
}

it('brings what two processes append to one room, and pages end at its head', async () => {
  const seen = new Map<number, RecordedEvent>();
  const feed = new RoomFeed(
    here,
    {
      accept: (event) => void seen.set(event.version, event),
      wants: () => true,
      jumped: () => undefined,
      epochChanged: () => undefined,
      report: (what, error) => expect.unreachable(`${what}: ${String(error)}`),
    },
    100,
  );
  feed.start();
  await feed.poll();
  for (let index = 1; index <= 40; index += 2) {
    await here.append({ stream: room, events: [result(index)] });
    await elsewhere.append({ stream: room, events: [result(index + 1)] });
  }
  await eventually(() => expect(seen.size).toBe(40));
  await feed.stop();
  expect([...seen.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));

  const pages = new StreamPages(here, new ReadPlaces(2));
  const { version, epoch } = await pages.head(room);
  expect(version).toBe(40);
  const page = await pages.page(room, 30);
  expect(page).toMatchObject({ head: 40, epoch });
  expect(page.events.map(({ version }) => version)).toEqual([31, 32, 33, 34, 35, 36, 37, 38, 39, 40]);
  expect(await pages.head('run:shop/none')).toMatchObject({ version: 0, epoch });
  expect(await pages.event(room, 40)).toMatchObject({ version: 40 });
});
