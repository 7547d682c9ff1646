import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectionOptions } from '#platform/database';
import { createDatabase } from '#platform/testing';
import { DataSource } from 'typeorm';
import { type MovedConnection, type MovedConnections, MovedConnectionsInMemory } from '#platform/realtime';
import { MovedConnectionsInPostgres } from './moved-connections.postgres.ts';

const moved = (subject: string): MovedConnection => ({
  caller: { subject, grants: { shop: 'read' }, expiresAt: 1_764_000_000_000 },
  rooms: [{ room: 'run:shop/1', offset: 7, epoch: 'e.1' }, { room: 'project:shop' }],
  server: 'start-1',
});

function areTakenOnce(storeOf: () => MovedConnections): void {
  it('are taken once, as they were put, by whoever is first', async () => {
    const store = storeOf();
    const [a, b] = [randomUUID(), randomUUID()];
    await store.put(
      [
        { token: a, moved: moved('a') },
        { token: b, moved: moved('b') },
      ],
      60_000,
    );
    const takes = await Promise.all(Array.from({ length: 10 }, () => store.take(a)));
    expect(takes.filter((take) => take !== undefined)).toEqual([moved('a')]);
    expect(await store.take(b)).toEqual(moved('b'));
    expect(await store.take('unknown')).toBeUndefined();
  });

  it('are gone when nobody came in time', async () => {
    const store = storeOf();
    const token = randomUUID();
    await store.put([{ token, moved: moved('late') }], 0);
    expect(await store.take(token)).toBeUndefined();
  });
}

describe('connections that are moved, in memory', () => {
  const store = new MovedConnectionsInMemory();
  areTakenOnce(() => store);
});

describe('connections that are moved, in PostgreSQL', () => {
  let database: DataSource;
  beforeAll(async () => {
    database = await new DataSource(connectionOptions({ url: await createDatabase() })).initialize();
  });
  afterAll(() => database?.destroy());
  areTakenOnce(() => new MovedConnectionsInPostgres(database));

  it('leave no token behind that would let anybody in, and no rows that nobody came for', async () => {
    const store = new MovedConnectionsInPostgres(database);
    await store.put([{ token: 'a token', moved: moved('a') }], 0);
    const rows = await database.query<{ row: string }[]>(
      'select moved_connections::text as row from moved_connections',
    );
    expect(JSON.stringify(rows)).not.toContain('a token');
    await store.put([{ token: 'another', moved: moved('b') }], 60_000);
    expect(await database.query('select count(*)::int as n from moved_connections')).toEqual([{ n: 1 }]);
  });
});
