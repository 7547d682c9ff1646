import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DataSource } from 'typeorm';
import { afterEach, describe, expect, it } from 'vitest';
import { connectionOptions, migrateDatabase, replicaOptions } from '#platform/database';
import { PostgresEventStore, slotCount } from '#platform/event-store';
import { anyEvent, anyStream, eventually } from '#platform/testing';
import { PostgresSite } from './support/postgres-server.ts';
import { serverPrograms } from './support/server-programs.ts';
import { TcpProxy } from './support/tcp-proxy.ts';

const programs = serverPrograms();
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function newScene() {
  const directory = await mkdtemp(path.join(tmpdir(), 'testcast-site-'));
  stops.push(() => rm(directory, { recursive: true, force: true }));
  const site = await PostgresSite.at(programs!, directory);
  const primary = await site.primary();
  stops.push(() => primary.stop());
  await migrateDatabase(primary.url());
  const standby = await site.standby(primary.port, 'standby1');
  stops.push(() => standby.stop());
  const way = await TcpProxy.start(standby.port);
  stops.push(() => way.stop());
  const dataSource = await new DataSource(connectionOptions({ url: primary.url() })).initialize();
  const store = new PostgresEventStore(dataSource, [replicaOptions({ url: standby.readerUrl(way.port) })]);
  stops.push(async () => {
    await store.close();
    await dataSource.destroy();
  });
  await store.heads();
  return { primary, standby, way, store };
}

const reached = (slot: number, position: number): number[] =>
  Array.from({ length: slotCount }, (_, other) => (other === slot ? position : 0));

describe.skipIf(programs === undefined)('a replica', () => {
  it('answers what it is known to have, and the primary what it lacks', async () => {
    const { primary, standby, way, store } = await newScene();
    const stream = anyStream();
    const append = () => store.append({ stream, events: [anyEvent({ eventId: randomUUID() })] });
    const read = (minVersion: number) => store.readStream(stream, 0, { minVersion });
    const reasons = () => store.stats().replicas.refusals.map(({ reason }) => reason);
    const replicaReads = () => store.stats().replicas.reads;
    await append();
    await standby.replayed(primary);

    expect((await read(1)).version).toBe(1);
    const { slot } = await store.readStream(stream, 0);
    expect(await store.readSlots(new Map([[slot, 0]]), { minPositions: reached(slot, 1) })).toHaveLength(1);
    expect(replicaReads()).toBe(2);

    // It lags: what it has it may tell, what it lacks it is not believed.
    await standby.ask('select pg_wal_replay_pause()', 'postgres');
    await append();
    expect((await read(2)).version).toBe(2);
    expect(await store.readSlots(new Map([[slot, 0]]), { minPositions: reached(slot, 2) })).toHaveLength(2);
    expect(reasons()).toEqual(['behind']);
    await eventually(async () => {
      expect((await read(1)).version).toBe(1);
    });

    // The primary goes on in another epoch, of which it has not heard.
    await primary.ask('select begin_store_epoch((select max(n) from store_epochs))');
    const { epoch } = await store.heads();
    expect((await read(1)).epoch).toBe(epoch);
    expect(reasons()).toContain('epoch');
    await standby.ask('select pg_wal_replay_resume()', 'postgres');
    await standby.replayed(primary);
    const before = replicaReads();
    await eventually(async () => {
      expect((await read(2)).epoch).toBe(epoch);
      expect(replicaReads()).toBeGreaterThan(before);
    });

    // It is gone.
    way.cut();
    expect((await read(2)).version).toBe(2);
    expect(reasons()).toContain('failed');
  }, 90_000);
});
