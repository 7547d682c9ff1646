import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectionOptions } from '#platform/database';
import {
  anyEvent,
  anyStream,
  createDatabase,
  eventually,
  type LossyConnection,
  lossyConnection,
} from '#platform/testing';
import { PostgresEventStore } from './event-store.postgres.ts';
import type { EventOutcome } from './event-store.ts';
import type { NewEvent, RecordedEvent } from './recorded-event.ts';
import { slotOf } from './slot.ts';

describe('appends over connections that break', () => {
  let admin: pg.Client;
  let lossy: LossyConnection;
  let dataSource: DataSource;
  let store: PostgresEventStore;
  let told: RecordedEvent[];
  beforeEach(async () => {
    const url = await createDatabase();
    admin = new pg.Client({ connectionString: url });
    await admin.connect();
    lossy = await lossyConnection(url);
    dataSource = await new DataSource(connectionOptions({ url: lossy.url, applicationName: 'writer' })).initialize();
    store = new PostgresEventStore(dataSource);
    told = [];
    store.onCommitted((events) => void told.push(...events));
  });
  afterEach(async () => {
    await store.close();
    await dataSource.destroy();
    await lossy.close();
    await admin.end();
  });

  const lostAnswer = async (append: () => Promise<EventOutcome[]>): Promise<EventOutcome[]> => {
    const lost = lossy.loseNextAnswer();
    const [outcomes] = await Promise.all([append(), lost]);
    return outcomes;
  };

  it('are announced once, in order, when the answer of the commit was lost', async () => {
    const stream = anyStream();
    await store.append({ stream, events: [anyEvent()] });
    const events = [anyEvent(), anyEvent()];
    const outcomes = await lostAnswer(() => store.append({ stream, events }));
    expect(outcomes.map(({ status, version }) => [status, version])).toEqual([
      ['duplicate', 2],
      ['duplicate', 3],
    ]);
    await store.append({ stream, events: [anyEvent()] });
    expect(told).toEqual((await store.readStream(stream, 0)).events);
  });

  it('are not conflicts when what moved the guard was their own lost commit', async () => {
    const append = { stream: anyStream(), expected: { guard: 0 }, events: [anyEvent({ lifecycle: true })] };
    await store.append({ stream: append.stream, events: [anyEvent()] });
    const outcomes = await lostAnswer(() => store.append(append));
    expect(outcomes).toMatchObject([{ status: 'duplicate', version: 2 }]);
    expect(told.map(({ version }) => version)).toEqual([1, 2]);
  });

  it('are announced once when they have an event twice and were not stored by the first attempt', async () => {
    const [stream, event] = [anyStream(), anyEvent()];
    await admin.query('begin');
    await admin.query('select from slots where slot = $1 for update', [slotOf(stream)]);
    const append = store.append({ stream, events: [event, event] });
    await eventually(async () => {
      const { rowCount } = await admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name = 'writer' and wait_event_type = 'Lock'`,
      );
      expect(rowCount).toBe(1);
    });
    await admin.query('rollback');
    expect((await append).map(({ status }) => status)).toEqual(['appended', 'duplicate']);
    expect(told.map(({ version }) => version)).toEqual([1]);
  });

  it('lose nothing while the server ends connections all the time', { timeout: 60_000 }, async () => {
    const streams = Array.from({ length: 12 }, anyStream);
    const written = new AbortController();
    const writer = async (index: number): Promise<[string, NewEvent, EventOutcome][]> => {
      const answered: [string, NewEvent, EventOutcome][] = [];
      for (let round = 0; round < 25; round++) {
        const stream = streams[(index + round) % streams.length]!;
        const events = Array.from({ length: 1 + (round % 4) }, () => anyEvent({ data: { index, round } }));
        const outcomes = await store.append({ stream, events });
        outcomes.forEach((outcome, place) => answered.push([stream, events[place]!, outcome]));
      }
      return answered;
    };
    const kill = async (): Promise<number> => {
      let killed = 0;
      const backends = `select count(pg_terminate_backend(pid))::int as n from pg_stat_activity
        where datname = current_database() and application_name = 'writer' and random() < 0.4`;
      // At the pace of the writers: a server that kills faster than it commits would prove nothing.
      for (let seen = 0; !written.signal.aborted; await nextTurn()) {
        if (told.length < seen + 15) continue;
        seen = told.length;
        killed += (await admin.query<{ n: number }>(backends)).rows[0]!.n;
      }
      return killed;
    };
    const writers = Promise.all(Array.from({ length: 20 }, (_, index) => writer(index))).finally(() => written.abort());
    const [answers, killed] = await Promise.all([writers, kill()]);

    expect(killed).toBeGreaterThan(20);
    for (const [stream, event, outcome] of answers.flat()) {
      expect(['appended', 'duplicate']).toContain(outcome.status);
      const stored = told.find(({ eventId }) => eventId === event.eventId);
      expect(stored).toMatchObject({ stream, version: outcome.version });
    }
    await requireToldAsStored(streams);
  });

  it('are answered as unavailable, not left waiting, when the store has closed', async () => {
    await store.close();
    const append = store.append({ stream: anyStream(), events: [anyEvent()] });
    await expect(append).rejects.toMatchObject({ code: 'store.unavailable', temporary: true, retryAfterMs: 1_000 });
  });

  it('are all answered before close resolves', async () => {
    const appends = Array.from({ length: 50 }, () => store.append({ stream: anyStream(), events: [anyEvent()] }));
    await store.close();
    expect(told).toHaveLength(50);
    expect((await Promise.all(appends)).flat().every(({ status }) => status === 'appended')).toBe(true);
  });

  it('fail alone when the server refuses one of a batch', async () => {
    await admin.query(`alter table events add constraint no_poison check (type <> 'poison')`);
    const stream = anyStream();
    const neighbours = sameLane(stream, 4);
    const appends = [stream, ...neighbours].map((name, index) =>
      store.append({ stream: name, events: [anyEvent({ type: index === 2 ? 'poison' : 'test.finished' })] }),
    );
    const settled = await Promise.allSettled(appends);
    expect(settled.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
  });

  /** Every slot's events were announced once each, in the order of the log. */
  async function requireToldAsStored(streams: readonly string[]): Promise<void> {
    for (const slot of new Set(streams.map(slotOf))) {
      const inSlot = told.filter((event) => event.slot === slot);
      expect(inSlot).toEqual(await store.readSlot(slot, 0, { limit: 10_000, maxBytes: 16_000_000 }));
    }
    for (const stream of streams) {
      const { events, version } = await store.readStream(stream, 0, { limit: 10_000, maxBytes: 16_000_000 });
      expect(events.map((event) => event.version)).toEqual(Array.from({ length: version }, (_, n) => n + 1));
    }
  }
});

function sameLane(stream: string, count: number): string[] {
  const found: string[] = [];
  while (found.length < count) {
    const name = `run:shop/${randomUUID()}`;
    if (slotOf(name) % 4 === slotOf(stream) % 4) found.push(name);
  }
  return found;
}
