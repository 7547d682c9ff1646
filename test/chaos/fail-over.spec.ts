import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { afterEach, describe, expect, it } from 'vitest';
import { RunCountersCheck } from '#modules/test-runs';
import { connectionOptions } from '#platform/database';
import { type Finding, LogVerifier, PostgresEventStore, type StreamPage } from '#platform/event-store';
import { eventually, KafkaBroker, kafkaClassPath } from '#platform/testing';
import { PostgresSite, type PostgresServer } from './support/postgres-server.ts';
import { ProductOnASite } from './support/product-on-a-site.ts';
import { serverPrograms } from './support/server-programs.ts';
import { TcpProxy } from './support/tcp-proxy.ts';
import { WatchedHistory } from './support/watched-history.ts';

const programs = serverPrograms();
const kafka = kafkaClassPath();
const patience = { timeout: 240_000 };

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

describe.skipIf(programs === undefined)('the log goes on in a new epoch, and nobody keeps what it lost', () => {
  it('when a standby takes over that had not got the last events', patience, async () => {
    const { standby, kept, lost } = await failOver({});
    expect(await faultsOfNewEpoch(standby, kept, lost)).toEqual([]);
  });

  it.skipIf(kafka === undefined)('when Kafka still has the events that were lost', patience, async () => {
    const broker = await KafkaBroker.start(kafka!);
    stops.push(() => broker.stop());
    const { standby, kept, lost } = await failOver({ KAFKA_BROKERS: broker.address });
    expect(await faultsOfNewEpoch(standby, kept, lost)).toEqual([]);
  });

  it('when a backup is restored to a moment', patience, async () => {
    const { site, primary, way, product } = await newScene();
    const { kept, lost } = await historyOf(product);
    const backup = await site.baseBackup(primary);
    await kept.report(20, 40);
    await kept.expectWatched(40);
    const moment = await momentOf(primary);
    await loseMore(kept, lost);
    // What is restored is what the archive has, so it has everything.
    const [{ segment }] = (await primary.ask<{ segment: string }>(
      // That very segment: a server at rest goes on writing, into the next one, which nobody closes.
      'select pg_walfile_name(pg_switch_wal()) as segment',
      'postgres',
    )) as [{ segment: string }];
    await eventually(async () => {
      const [row] = await primary.ask<{ done: boolean }>(
        `select last_archived_wal >= '${segment}' as done from pg_stat_archiver`,
      );
      expect(row!.done).toBe(true);
    });
    way.cut();
    await primary.stop();
    const restored = track(await site.restore(backup, 'restored', moment));
    await restored.primaryAgain();
    way.lead(restored.port);
    expect(await faultsOfNewEpoch(restored, kept, lost)).toEqual([]);
  });
});

async function failOver(env: Record<string, string>) {
  const { site, primary, way, product } = await newScene(env);
  const link = await TcpProxy.start(primary.port);
  stops.push(() => link.stop());
  const standby = track(await site.standby(link.port, 'standby1'));
  const { kept, lost } = await historyOf(product);
  await kept.report(20, 40);
  await kept.expectWatched(40);
  await standby.replayed(primary);
  link.cut();
  await loseMore(kept, lost);
  await primary.kill();
  way.cut();
  await standby.promote();
  way.lead(standby.port);
  return { standby, kept, lost };
}

async function newScene(env: Record<string, string> = {}) {
  const directory = await mkdtemp(path.join(tmpdir(), 'testcast-site-'));
  stops.push(() => rm(directory, { recursive: true, force: true }));
  const site = await PostgresSite.at(programs!, directory);
  const primary = track(await site.primary());
  const way = await TcpProxy.start(primary.port);
  stops.push(() => way.stop());
  const product = await ProductOnASite.start(directory, { DATABASE_URL: primary.url(way.port), ...env });
  stops.push(() => product.stop());
  return { site, primary, way, product };
}

function track(server: PostgresServer): PostgresServer {
  stops.push(() => server.stop());
  return server;
}

/** A run that outlives the fork, half reported, and one that will have begun after it; both in a project of before. */
async function historyOf(product: ProductOnASite): Promise<{ kept: WatchedHistory; lost: WatchedHistory }> {
  const place = { url: product.url, streamUrl: product.streamUrl, token: await product.adminKey() };
  await createProject(product.url, place.token, 'shop');
  const kept = new WatchedHistory(place, 'shop', 'kept');
  stops.push(() => kept.close());
  await kept.report(0, 20);
  await kept.expectWatched(20);
  const lost = new WatchedHistory(place, 'shop', 'lost');
  stops.push(() => lost.close());
  return { kept, lost };
}

async function createProject(url: string, token: string, projectId: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ projectId });
  const response = await fetch(`${url}/v1/projects`, { method: 'POST', headers, body });
  expect(response.status).toBe(201);
}

/** Reported, acknowledged, seen by everybody, and gone. */
async function loseMore(kept: WatchedHistory, lost: WatchedHistory): Promise<void> {
  await kept.report(40, 70);
  await lost.report(0, 30);
  await kept.expectWatched(70);
  await lost.expectWatched(30);
  await eventually(async () => expect((await kept.page()).items).toHaveLength(70), { within: 20_000 });
  await eventually(async () => expect((await lost.page()).items).toHaveLength(30), { within: 20_000 });
}

/** A moment after everything that was done, and before everything that follows. */
async function momentOf(server: PostgresServer): Promise<string> {
  await delay(50);
  const [row] = await server.ask<{ now: string }>('select clock_timestamp()::text as now');
  await delay(50);
  return row!.now;
}

/** What `verify` finds once everybody has gone over to the new history, and others have been written on in it. */
async function faultsOfNewEpoch(
  server: PostgresServer,
  kept: WatchedHistory,
  lost: WatchedHistory,
): Promise<Finding[]> {
  const { store, verify } = await openStore(server);
  // Nobody has appended: whoever looks at the heads first begins the epoch.
  await kept.expectWatched(40);
  await lost.expectWatched(0);
  expect(kept.resets).toBeGreaterThan(0);
  await eventually(async () => expect(await lost.status()).toBe(404), { within: 20_000 });
  const [first, second, ...none] = await store.epochs();
  expect(none).toEqual([]);
  expect(first!.epoch).toMatch(/\.1$/);
  expect(second!.epoch).toMatch(/\.2-[0-9a-f]{8}$/);
  await kept.expectOneTruth(await wholeStream(store, 'run:shop/kept'));
  // Others are written at the positions of what was lost, and the rest of it is sent again.
  await kept.report(100, 120);
  await kept.report(50, 70);
  await lost.report(10, 30);
  await kept.finish();
  expect([...kept.rejected, ...lost.rejected]).toEqual([]);
  await kept.expectWatched(80);
  await lost.expectWatched(20);
  await kept.expectOneTruth(await wholeStream(store, 'run:shop/kept'));
  const begun = await wholeStream(store, 'run:shop/lost');
  // Gateways that had known the run for started begin it again.
  expect(begun.events.filter(({ type }) => type === 'run.started')).toHaveLength(1);
  await lost.expectOneTruth(begun);
  return verify();
}

async function openStore(server: PostgresServer) {
  const dataSource = await new DataSource(connectionOptions({ url: server.url(), poolSize: 6 })).initialize();
  const store = new PostgresEventStore(dataSource);
  stops.push(async () => {
    await store.close();
    await dataSource.destroy();
  });
  return { store, verify: () => new LogVerifier(dataSource, { readModels: [new RunCountersCheck()] }).verify() };
}

async function wholeStream(store: PostgresEventStore, stream: string): Promise<StreamPage> {
  const page = await store.readStream(stream, 0, { limit: 10_000, maxBytes: 16 * 1024 * 1024 });
  expect(page.events).toHaveLength(page.version);
  return page;
}
