import { afterAll, beforeAll, describe } from 'vitest';
import { DataSource } from 'typeorm';
import { connectionOptions } from '#platform/database';
import { createDatabase, eventStoreContract } from '#platform/testing';
import { PostgresEventStore } from './event-store.postgres.ts';

describe('the event store in PostgreSQL', () => {
  let dataSource: DataSource;
  let store: PostgresEventStore;
  beforeAll(async () => {
    dataSource = await new DataSource(connectionOptions({ url: await createDatabase() })).initialize();
    store = new PostgresEventStore(dataSource);
  });
  afterAll(async () => {
    await store.close();
    await dataSource.destroy();
  });

  eventStoreContract(() => store);
});
