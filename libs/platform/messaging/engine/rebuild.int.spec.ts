import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectionOptions } from '#platform/database';
import { type MemoryEventStore, type RecordedEvent } from '#platform/event-store';
import { createDatabase, eventually } from '#platform/testing';
import type { ProjectionContext } from '../projection.ts';
import { PostgresBuildStore } from './build-store.postgres.ts';
import { PostgresCheckpointStore } from './checkpoint-store.postgres.ts';
import { memoryLogBeside, newTestMetrics, streamsInPairs } from './fixtures/test-engine.ts';
import { ProjectionEngine } from './projection-engine.ts';
import type { ProjectionHandler } from './projection-handler.ts';

Logger.overrideLogger(false);
const streams = streamsInPairs(4);
const stops: (() => Promise<unknown>)[] = [];
let url: string;
let admin: DataSource;
let log: MemoryEventStore;
let name: string;

beforeAll(async () => {
  url = await createDatabase();
  admin = await connect('testcast-admin');
});
beforeEach(async () => {
  log = await memoryLogBeside(admin);
  name = `counts_${randomUUID().replaceAll('-', '')}`;
});
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});
afterAll(() => admin?.destroy());

const connect = (applicationName: string) =>
  new DataSource(connectionOptions({ url, applicationName, poolSize: 14 })).initialize();

/** Adds, so that an event that is applied twice or never shows; version 2 of the code has another column. */
function counting(version: number, slow: () => Promise<void> = async () => {}): ProjectionHandler {
  const total = version === 1 ? 'total bigint not null' : 'label text, total bigint not null';
  return {
    name,
    version,
    events: ['counted'],
    tables: {
      [name]: {
        create: (table) => `create table if not exists ${table} (stream text primary key, ${total})`,
        indexes: (table) => [`create index if not exists ${table}_total on ${table} (total)`],
      },
    },
    async apply(batch: readonly RecordedEvent[], { tx, table }: ProjectionContext) {
      await tx.query(
        `insert into ${table(name)} as known (stream, total)
         select stream, sum(version) from unnest($1::text[], $2::bigint[]) as event (stream, version) group by stream
         on conflict (stream) do update set total = known.total + excluded.total`,
        [batch.map(({ stream }) => stream), batch.map((event) => event.version)],
      );
      await slow();
    },
  };
}

async function newTestProjector(handler: ProjectionHandler) {
  const dataSource = await connect('testcast-projector');
  const builds = new PostgresBuildStore(dataSource);
  const options = { pauseMs: 0, retryMs: () => 5, holeAfterMs: 0, watchEveryMs: 20, builds };
  const engine = new ProjectionEngine(
    log,
    new PostgresCheckpointStore(dataSource, log),
    newTestMetrics(),
    { now: () => Date.now() },
    options,
  );
  const stop = async () => {
    await engine.stop();
    await dataSource.destroy();
  };
  stops.push(stop);
  await engine.start([handler]);
  return { engine, builds, stop: () => stops.splice(stops.indexOf(stop), 1)[0]!() };
}
type TestProjector = Awaited<ReturnType<typeof newTestProjector>>;

async function append(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const stream = streams[n % streams.length]!;
    const type = n % 5 === 4 ? 'other' : 'counted';
    await log.append({ stream, events: [{ eventId: randomUUID(), type, at: 0, data: {} }] });
  }
}

async function rows(of = name): Promise<Record<string, number>> {
  const found = await admin.query<{ stream: string; total: number }[]>(
    `select stream, total::float8 as total from ${of}`,
  );
  return Object.fromEntries(found.map(({ stream, total }) => [stream, total]));
}

async function fold(): Promise<Record<string, number>> {
  const totals: Record<string, number> = {};
  for (const stream of streams) {
    const { events } = await log.readStream(stream, 0, { limit: 10_000, maxBytes: 16 * 1024 * 1024 });
    const counted = events.filter(({ type }) => type === 'counted');
    if (counted.length > 0) totals[stream] = counted.reduce((sum, { version }) => sum + version, 0);
  }
  return totals;
}

const builds = () =>
  admin.query<{ number: number; version: number; state: string }[]>(
    'select number, version, state from projection_builds where projection = $1 order by number',
    [name],
  );

async function caughtUp(...projectors: TestProjector[]): Promise<void> {
  const expected = await fold();
  await eventually(
    async () => {
      for (const { engine } of projectors) engine.noteHeads((await log.heads()).positions);
      expect(await rows()).toEqual(expected);
    },
    { within: 15_000 },
  );
}

describe('a rebuild', () => {
  it('under live writes ends with the rows of the live one, which went on being written, and drops its tables', async () => {
    await append(3_000);
    const projectors = [await newTestProjector(counting(1)), await newTestProjector(counting(1))];
    await caughtUp(...projectors);
    await projectors[0]!.builds.order(name);
    let least = 0;
    let wentBack = false;
    await eventually(
      async () => {
        await append(40);
        for (const { engine } of projectors) engine.noteHeads((await log.heads()).positions);
        // Whoever reads sees rows that only grow, on whichever side of the swap.
        const total = Object.values(await rows()).reduce((sum, one) => sum + one, 0);
        if (total < least) wentBack = true;
        least = total;
        expect(await builds()).toMatchObject([{ state: 'retired' }, { number: 2, version: 1, state: 'live' }]);
      },
      { within: 20_000 },
    );
    expect(wentBack).toBe(false);
    await caughtUp(...projectors);
    await eventually(async () => {
      const left = await admin.query('select from pg_class where relname in ($1, $2)', [`${name}_v1`, `${name}_v2`]);
      expect(left).toHaveLength(1);
    });
    expect(await admin.query('select from pg_indexes where indexname = $1', [`${name}_v2_total`])).toHaveLength(1);
  }, 60_000);

  it('begins by itself for a newer version, while an older release goes on with the rows that are read', async () => {
    await append(500);
    const old = await newTestProjector(counting(1));
    await caughtUp(old);
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const next = await newTestProjector(counting(2, () => gate));
    expect(next.engine.complaints()).toEqual([`${name} is being rebuilt for version 2, rows are still of 1`]);
    await append(100);
    await caughtUp(old);
    open();
    await eventually(async () => {
      next.engine.noteHeads((await log.heads()).positions);
      expect(await builds()).toMatchObject([{ state: 'retired' }, { version: 2, state: 'live' }]);
    });
    await append(100);
    await caughtUp(old, next);
    expect(await admin.query(`select label from ${name} limit 1`)).toEqual([{ label: null }]);
    await eventually(() => expect(next.engine.complaints()).toEqual([]));
    await eventually(() => expect(old.engine.complaints()[0]).toContain('this process writes version 1'));
    expect(await admin.query('select from parked_streams where projection = $1', [name])).toEqual([]);
  }, 30_000);

  it('goes on where it was when its process is killed at any moment', async () => {
    await append(2_000);
    const first = await newTestProjector(counting(1));
    await caughtUp(first);
    await first.builds.order(name);
    await first.stop();
    // Each dies a little later than the one before, in whatever it was doing; the last one is left alone.
    for (let life = 0; life < 12; life++) {
      const projector = await newTestProjector(counting(1));
      await new Promise((resolve) => setTimeout(resolve, life * 12));
      await admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name = 'testcast-projector'`,
      );
      await projector.stop();
    }
    const last = await newTestProjector(counting(1));
    await eventually(async () => expect(await builds()).toMatchObject([{ state: 'retired' }, { state: 'live' }]), {
      within: 15_000,
    });
    await append(50);
    await caughtUp(last);
  }, 60_000);
});
