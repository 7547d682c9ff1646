import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { connectionOptions } from '#platform/database';
import { PostgresEventStore } from '#platform/event-store';
import { eventData, type EventLog } from './event-log.ts';

/** Our store, as the gateway uses it: unchecked appends with an id for each event. */
export async function openTestcastLog(url: string): Promise<EventLog> {
  const dataSource = new DataSource(connectionOptions({ url, applicationName: 'bench' }));
  await dataSource.initialize();
  const store = new PostgresEventStore(dataSource);
  return {
    async append(stream, events) {
      const outcomes = await store.append({ stream, events: Array.from({ length: events }, newEvent) });
      if (outcomes.some(({ status }) => status !== 'appended')) throw new Error(`not appended: ${outcomes[0]?.status}`);
    },
    async close() {
      await store.close();
      await dataSource.destroy();
    },
  };
}

const newEvent = () => ({ eventId: randomUUID(), type: 'test.finished', at: Date.now(), data: eventData });
