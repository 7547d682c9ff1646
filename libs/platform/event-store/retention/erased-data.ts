import type { EventStore } from '../event-store.ts';
import type { RecordedEvent } from '../recorded-event.ts';

/** What stands in the place of an event's data once it has been erased. */
export const erasedDataJson = '{"erased":true}';

/** Whether only the event's keys and type are left: there is nothing in its data that a handler could read. */
export function isErased({ dataJson }: Pick<RecordedEvent, 'dataJson'>): boolean {
  return dataJson === erasedDataJson;
}

/** Above every version, and within 32 bits. */
const beyondEveryVersion = 2 ** 31 - 1;

/**
 * Whether the stream ends with a lifecycle event of this type. Costs one look at the stream's head, and another only where
 * it ends with any lifecycle event. Throws `store.unavailable`.
 */
export async function endsWith(store: Pick<EventStore, 'readStream'>, stream: string, type: string): Promise<boolean> {
  const { version, guard } = await store.readStream(stream, beyondEveryVersion, { limit: 1 });
  if (version === 0 || guard !== version) return false;
  const { events } = await store.readStream(stream, version - 1, { limit: 1 });
  return events[0]?.type === type;
}
