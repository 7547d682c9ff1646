import { Logger } from '@nestjs/common';
import { afterEach, expect, it } from 'vitest';
import type { RecordedEvent } from '#platform/event-store';
import { eventually } from '#platform/testing';
import type { ProjectionContext } from '../projection.ts';
import {
  admin,
  append,
  counting,
  name,
  newTestProjector,
  rows,
  streams,
  type TestProjector,
  useCountingProjectors,
} from './fixtures/counting-projectors.ts';
import { ParkingLot } from './parking-lot.ts';
import { ParkingOrders } from './parking-orders.ts';
import type { ProjectionHandler } from './projection-handler.ts';

Logger.overrideLogger(false);
useCountingProjectors();
const stops: (() => Promise<void>)[] = [];
// Before the projectors are stopped, whose connections they use.
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** Cannot apply these versions of the first stream. */
function failingAt(versions: readonly number[], before: (event: RecordedEvent) => Promise<void> = async () => {}) {
  const handler = counting(1);
  return {
    ...handler,
    async apply(batch: readonly RecordedEvent[], context: ProjectionContext) {
      for (const event of batch) {
        await before(event);
        if (event.stream === streams[0] && versions.includes(event.version)) throw new Error(`poison ${event.version}`);
      }
      await handler.apply(batch, context);
    },
  } satisfies ProjectionHandler;
}

function startOrders({ dataSource, engine }: TestProjector): () => Promise<void> {
  const orders = new ParkingOrders(dataSource, engine);
  orders.onApplicationBootstrap();
  const stop = () => orders.onModuleDestroy();
  stops.push(stop);
  return stop;
}

const parked = () =>
  admin.query<object[]>(
    `select stream, first_version::int as version, ordered from parked_streams where projection = $1 order by stream`,
    [name],
  );

const waiting = () =>
  admin.query<object[]>(
    `select from pg_stat_activity
     where datname = current_database() and application_name = 'testcast-projector' and wait_event_type = 'Lock'`,
  );

it('an event is left out only where that was ordered, also when two processes come to the order at once', async () => {
  let open = () => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  let held = false;
  const before = async ({ version }: RecordedEvent) => {
    if (held && version === 3) await gate;
  };
  await append(40);
  // Each works on all slots, as over Kafka.
  const projectors = [
    await newTestProjector(failingAt([2, 3], before)),
    await newTestProjector(failingAt([2, 3], before)),
  ];
  await eventually(async () => expect(await parked()).toEqual([{ stream: streams[0], version: 2, ordered: null }]));
  held = true;
  const stopOrders = projectors.map(startOrders);
  const discarding = new ParkingLot(admin).discard({ stream: streams[0]!, projection: name });
  // One has left version 2 out and is at what came after it; the other has read the same order, and waits for its turn.
  await eventually(async () => expect(await waiting()).toHaveLength(1));
  open();
  expect(await discarding).toMatchObject([{ outcome: 'failed', version: 3 }]);
  await Promise.all(stopOrders.map((stop) => stop()));
  expect(await admin.query('select version::int from discarded_events where projection = $1', [name])).toEqual([
    { version: 2 },
  ]);
  expect(await parked()).toEqual([{ stream: streams[0], version: 3, ordered: null }]);
}, 30_000);

it('an order that cannot be carried out does not keep the others waiting', async () => {
  await append(24);
  const projector = await newTestProjector(failingAt([2]));
  await eventually(async () => expect(await parked()).toHaveLength(1));
  // Of a stream that the log does not have: reading what was set aside of it fails each time.
  await admin.query(
    `insert into parked_streams (projection, version, stream, slot, first_version, first_position, last_version, error,
       ordered, ordered_at)
     select projection, version, 'run:p/gone', slot, 1, 1, 1, 'no', 'replay', to_timestamp(0)
     from parked_streams where projection = $1`,
    [name],
  );
  startOrders(projector);
  const outcomes = await new ParkingLot(admin).discard({ stream: streams[0]!, projection: name }, 10_000);
  expect(outcomes).toEqual([{ projection: name, outcome: 'applied' }]);
  await eventually(async () => expect((await rows())[streams[0]!]).toBeGreaterThan(0));
  expect(await parked()).toEqual([{ stream: 'run:p/gone', version: 1, ordered: 'replay' }]);
}, 30_000);

it('an order about a projection that is only being filled here is left to those that write its rows', async () => {
  await append(24);
  const old = await newTestProjector(failingAt([2]));
  await eventually(async () => expect(await parked()).toHaveLength(1));
  let open = () => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  const next = await newTestProjector(counting(2, () => gate));
  expect(next.engine.names()).toEqual([]);
  expect(old.engine.names()).toEqual([name]);
  open();
}, 30_000);
