import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectionOptions } from '#platform/database';
import { anyEvent, createDatabase } from '#platform/testing';
import { PostgresEventStore } from '../event-store.postgres.ts';
import { slotOf } from '../slot.ts';
import { LogVerifier } from '../partitions/verify/log-verifier.ts';
import { Partitions } from '../partitions/partitions.ts';
import { endsWith, isErased } from './erased-data.ts';
import { LogEraser } from './log-eraser.ts';

let dataSource: DataSource;
let store: PostgresEventStore;
let eraser: LogEraser;
beforeAll(async () => {
  dataSource = await new DataSource(connectionOptions({ url: await createDatabase() })).initialize();
  store = new PostgresEventStore(dataSource);
  eraser = new LogEraser(dataSource);
});
afterAll(async () => {
  await store?.close();
  await dataSource?.destroy();
});

let families = 0;
const newFamily = () => {
  families += 1;
  return { stream: `run:shop/${families}`, prefix: `output:shop/${families}/` };
};
const events = (count: number) => Array.from({ length: count }, () => anyEvent({ detail: { stack: 'at x' } }));
const statusOf = async (stream: string, event = anyEvent()) =>
  (await store.append({ stream, events: [event] }))[0]!.status;

it('a family that is closed takes no more events, in streams that are there and in new ones; others do', async () => {
  const family = newFamily();
  const known = anyEvent();
  await store.append({ stream: family.stream, events: [known] });
  await store.append({ stream: `${family.prefix}a`, events: events(2) });
  expect(await eraser.close(family, 1)).toBe(true);
  for (const stream of [family.stream, `${family.prefix}a`, `${family.prefix}b`]) {
    expect(await statusOf(stream)).toBe('gone');
  }
  expect(await statusOf(family.stream, known)).toBe('gone');
  const unborn = { stream: `${family.prefix}c`, expected: { version: 0 }, events: events(1) };
  expect((await store.append(unborn))[0]!.status).toBe('gone');
  expect(await statusOf(`output:shop/${families}0/a`)).toBe('appended');
  expect(await eraser.close(family, 1)).toBe(true);
  expect(await eraser.streams(family)).toMatchObject([
    { stream: `${family.prefix}a`, version: 2 },
    { stream: family.stream, version: 1 },
  ]);
});

it('nothing is closed when something has come since the decision', async () => {
  const family = newFamily();
  await store.append({ stream: family.stream, events: events(2) });
  expect(await eraser.close(family, 1)).toBe(false);
  expect(await statusOf(family.stream)).toBe('appended');
  expect(await statusOf(`${family.prefix}a`)).toBe('appended');
});

it('the last word is taken from whoever knows the version exactly, and once', async () => {
  const family = newFamily();
  await store.append({ stream: family.stream, events: events(3) });
  await eraser.close(family, 3);
  const last = anyEvent({ type: 'run.erased', lifecycle: true });
  const say = () => store.append({ stream: family.stream, expected: { version: 3 }, events: [last] });
  expect(await say()).toMatchObject([{ status: 'appended', version: 4 }]);
  expect(await say()).toMatchObject([{ status: 'duplicate', version: 4 }]);
  expect(
    await store.append({ stream: family.stream, expected: { guard: 4 }, events: [anyEvent({ lifecycle: true })] }),
  ).toMatchObject([{ status: 'gone', version: 4 }]);
  expect(await endsWith(store, family.stream, 'run.erased')).toBe(true);
  expect(await endsWith(store, family.stream, 'run.finished')).toBe(false);
  expect(await endsWith(store, 'run:shop/never', 'run.erased')).toBe(false);
});

it('appends that race with the closing are either in the log or refused, whatever streams they begin', async () => {
  const family = newFamily();
  await store.append({ stream: family.stream, events: events(1) });
  const node = new PostgresEventStore(dataSource);
  const closing = { isOver: false };
  const answers: { stream: string; status: string }[] = [];
  const writers = [store, node].map(async (writer, w) => {
    for (let n = 0; !closing.isOver || n < 40; n++) {
      const streams = [`${family.prefix}${w}-${n}`, `${family.prefix}same`];
      const outcomes = await Promise.all(streams.map((stream) => writer.append({ stream, events: [anyEvent()] })));
      outcomes.forEach(([outcome], at) => answers.push({ stream: streams[at]!, status: outcome!.status }));
    }
  });
  await eraser.close(family, 1);
  const streams = await eraser.streams(family);
  closing.isOver = true;
  await Promise.all(writers);
  await node.close();
  const stored = answers.filter(({ status }) => status === 'appended').length;
  expect(streams.reduce((sum, { version }) => sum + version, 0)).toBe(stored + 1);
  expect(await eraser.streams(family)).toEqual(streams);
  expect(answers.some(({ status }) => status === 'gone')).toBe(true);
});

it('data and details go, keys and types stay, and the log is whole, also while its rows move', async () => {
  const family = newFamily();
  await store.append({ stream: family.stream, events: events(1_200) });
  const before = await store.readStream(family.stream, 0, { limit: 5_000, maxBytes: 1e8 });
  const partitions = new Partitions(dataSource, { capacity: 1e6, sampleFor: 1, chunkRows: 50 });
  const [row] = await dataSource.query<{ partition: number }[]>(
    'select s.partition_id as partition from slots s join streams st using (slot) where st.stream = $1',
    [family.stream],
  );
  await eraser.close(family, 1_200);
  await Promise.all([eraser.erase(family.stream, 1_201), partitions.drain(row!.partition)]);
  const after = await store.readStream(family.stream, 0, { limit: 5_000, maxBytes: 1e8 });
  expect(after.events.every(isErased)).toBe(true);
  const keys = ({ events: all }: typeof after) => all.map(({ dataJson: _, ...rest }) => rest);
  expect(keys(after)).toEqual(keys(before));
  expect((await store.readDetails(family.stream, [1, 700])).map(({ detailJson }) => detailJson)).toEqual([null, null]);
  expect(await new LogVerifier(dataSource).verify()).toEqual([]);
}, 60_000);

it('says which projections have not read it yet, and which have set it aside', async () => {
  const family = newFamily();
  await store.append({ stream: family.stream, events: events(1) });
  const streams = await eraser.streams(family);
  const behind = () => eraser.behind(streams);
  expect(await behind()).toEqual(['runs', 'trends']);
  await dataSource.query(
    'update projection_checkpoints c set position = s.position from slots s where s.slot = c.slot',
  );
  expect(await behind()).toEqual([]);
  // In its slot, where the projections are always a moment behind when many report.
  const others = Array.from({ length: 2_000 }, (_, n) => `run:other/${n}`);
  const neighbour = others.find((stream) => slotOf(stream) === streams[0]!.slot)!;
  await store.append({ stream: neighbour, events: events(1) });
  expect(await behind()).toEqual([]);
  await dataSource.query(
    `insert into parked_streams (projection, version, stream, slot, first_version, first_position, last_version, error)
     values ('trends', 1, $1, $2, 1, 1, 1, 'x')`,
    [family.stream, streams[0]!.slot],
  );
  expect(await behind()).toEqual(['trends']);
});
