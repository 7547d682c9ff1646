import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectionOptions } from '#platform/database';
import { anyEvent, anyStream, createDatabase } from '#platform/testing';
import { PostgresEventStore } from './event-store.postgres.ts';
import type { EventOutcome } from './event-store.ts';
import { slotOf } from './slot.ts';

describe('two nodes on one log', () => {
  let admin: pg.Client;
  const dataSources: DataSource[] = [];
  const stores: PostgresEventStore[] = [];
  beforeAll(async () => {
    const url = await createDatabase();
    admin = new pg.Client({ connectionString: url });
    await admin.connect();
    for (let node = 0; node < 2; node++) {
      const dataSource = await new DataSource(connectionOptions({ url })).initialize();
      dataSources.push(dataSource);
      stores.push(new PostgresEventStore(dataSource));
    }
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await Promise.all(dataSources.map((dataSource) => dataSource.destroy()));
    await admin.end();
  });

  it('number events without gaps and store each id once, whoever writes', { timeout: 60_000 }, async () => {
    const streams = Array.from({ length: 4 }, anyStream);
    const shared = Array.from({ length: 300 }, () => anyEvent());
    const seen = new Map<string, EventOutcome[]>();
    // Both nodes send the shared events, in another order each, between events of their own.
    const writer = async (node: number, index: number): Promise<void> => {
      for (let round = 0; round < 30; round++) {
        const which = (index * 30 + round * (node === 0 ? 1 : 7)) % shared.length;
        const events = [anyEvent(), shared[which]!];
        const outcomes = await stores[node]!.append({ stream: streams[which % 4]!, events });
        outcomes.forEach((outcome, place) => {
          const id = events[place]!.eventId;
          seen.set(id, [...(seen.get(id) ?? []), outcome]);
        });
      }
    };
    await Promise.all(Array.from({ length: 20 }, (_, index) => writer(index % 2, index >> 1)));

    const versions = new Map<string, number>();
    for (const stream of streams) {
      const page = await stores[0]!.readStream(stream, 0, { limit: 10_000, maxBytes: 16_000_000 });
      expect(page.events.map(({ version }) => version)).toEqual(Array.from({ length: page.version }, (_, n) => n + 1));
      for (const { eventId, version } of page.events) {
        expect(versions.has(eventId)).toBe(false);
        versions.set(eventId, version);
      }
    }
    expect(versions.size).toBe(seen.size);
    for (const [id, outcomes] of seen) {
      expect(outcomes.filter(({ status }) => status === 'appended')).toHaveLength(1);
      for (const outcome of outcomes) expect(outcome.version).toBe(versions.get(id));
    }
    const { positions } = await stores[1]!.heads();
    for (const slot of new Set(streams.map(slotOf))) {
      const events = await stores[1]!.readSlot(slot, 0, { limit: 10_000, maxBytes: 16_000_000 });
      expect(events.map(({ position }) => position)).toEqual(Array.from({ length: positions[slot]! }, (_, n) => n + 1));
    }
  });

  it('let each guard be used once', { timeout: 60_000 }, async () => {
    const stream = anyStream();
    const racer = async (node: number): Promise<number> => {
      let won = 0;
      for (let round = 0; round < 15; round++) {
        const { guard } = await stores[node]!.readLifecycle(stream);
        const events = [anyEvent({ lifecycle: true, data: { round } }), anyEvent()];
        const [outcome] = await stores[node]!.append({ stream, expected: { guard }, events });
        if (outcome?.status === 'appended') won++;
        await stores[node]!.append({ stream, events: [anyEvent()] });
      }
      return won;
    };
    const won = await Promise.all(Array.from({ length: 6 }, (_, index) => racer(index % 2)));
    const total = won.reduce((sum, one) => sum + one, 0);
    const { events, version } = await stores[0]!.readLifecycle(stream);
    expect(events).toHaveLength(total);
    expect(version).toBe(total * 2 + 6 * 15);
  });

  it('find events on both sides of a slot that is moving', async () => {
    const stream = anyStream();
    const slot = slotOf(stream);
    const before = [anyEvent({ lifecycle: true }), anyEvent({ detail: { stack: 'at x' } }), anyEvent()];
    await stores[0]!.append({ stream, events: before });
    await admin.query(
      'update slots set moving_from = partition_id, partition_id = (partition_id + 1) % 32 where slot = $1',
      [slot],
    );
    const after = [anyEvent(), { ...before[1]!, data: {} }, anyEvent({ lifecycle: true }), before[0]!];
    const outcomes = await stores[1]!.append({ stream, events: after });
    expect(outcomes.map(({ status, version }) => [status, version])).toEqual([
      ['appended', 4],
      ['clash', 2],
      ['appended', 5],
      ['duplicate', 1],
    ]);
    const many = [...before, ...Array.from({ length: 20 }, () => anyEvent())];
    const statuses = (await stores[1]!.append({ stream, events: many })).map(({ status }) => status);
    expect(statuses.slice(0, 4)).toEqual(['duplicate', 'duplicate', 'duplicate', 'appended']);

    const tables = await admin.query('select distinct partition_id from events where slot = $1', [slot]);
    expect(tables.rows).toHaveLength(2);
    const page = await stores[0]!.readStream(stream, 0);
    expect(page.events.map(({ version }) => version)).toEqual(Array.from({ length: 25 }, (_, n) => n + 1));
    expect((await stores[0]!.readLifecycle(stream)).events.map(({ version }) => version)).toEqual([1, 5]);
    expect((await stores[0]!.readDetails(stream, [2, 4])).map(({ detailJson }) => detailJson)).toEqual([
      '{"stack":"at x"}',
      null,
    ]);
    expect(await stores[0]!.readSlot(slot, 0)).toHaveLength((await stores[0]!.heads()).positions[slot]!);
  });

  it('begin one new epoch, with the heads of the fork, when the server writes another timeline', async () => {
    const stream = anyStream();
    await stores[0]!.append({ stream, events: [anyEvent()] });
    const before = await stores[0]!.heads();
    const pretendFailOver = `update store_epochs set timeline = 'FFFFFFFF' where n = (select max(n) from store_epochs)`;
    await admin.query(pretendFailOver);
    // By appends of both nodes at once …
    await Promise.all(stores.map((store) => store.append({ stream: anyStream(), events: [anyEvent()] })));
    const [first, second, ...none] = await stores[0]!.epochs();
    expect(none).toEqual([]);
    expect(second?.heads).toEqual(before.positions);
    expect(second?.epoch.replace(/-[\da-f]{8}$/, '')).toBe(first!.epoch.replace(/\.1$/, '.2'));
    // … and by a reading of the heads.
    await admin.query(pretendFailOver);
    const heads = await Promise.all(stores.map((store) => store.heads()));
    // The fork is in its name: another copy of the log that forks has a third epoch, too.
    expect(heads[0]!.epoch).toMatch(new RegExp(`^${first!.epoch.slice(0, -2)}\\.3-[0-9a-f]{8}$`));
    expect(heads[1]!.epoch).toBe(heads[0]!.epoch);
    expect((await stores[0]!.readStream(stream, 0)).epoch).toBe(heads[0]!.epoch);
    expect(await stores[0]!.epochs()).toHaveLength(3);
  });

  it('refuse a batch that names a stream twice', async () => {
    const call = `select * from append_events(false, '{1}', '{2}', '{1,1}', $1, '{0,0}', '{0,0}', '{1,1}', '{0,0}',
      '{1,2}', '{1,1}', '{1,2}', $2, '{x,y}', '{f,f}', '{t,t}', '{0,0}', '{"{}","{}"}', '{null,null}')`;
    const stream = anyStream();
    await expect(
      admin.query(call, [
        [stream, stream],
        [randomUUID(), randomUUID()],
      ]),
    ).rejects.toThrow('duplicate key');
  });
});
