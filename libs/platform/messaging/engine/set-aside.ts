import type { EventStore, RecordedEvent } from '#platform/event-store';
import type { ParkedStream } from './checkpoint-store.ts';
import type { ProjectionHandler } from './projection-handler.ts';

const batchEvents = 100;

/** The events of a parked stream that were set aside, in batches as a handler takes them. */
export async function* eventsSetAside(
  log: Pick<EventStore, 'readStream'>,
  projection: Pick<ProjectionHandler, 'events'>,
  { stream, firstVersion, lastVersion }: ParkedStream,
): AsyncGenerator<RecordedEvent[]> {
  const wanted = new Set(projection.events);
  let after = firstVersion - 1;
  while (after < lastVersion) {
    const { events } = await log.readStream(stream, after, { limit: batchEvents });
    const last = events.at(-1);
    // A reader that lags behind would make us un-park a stream with events missing.
    if (last === undefined) throw new Error(`${stream} ends at ${after}, but was set aside up to ${lastVersion}`);
    const batch = events.filter(({ type, version }) => version <= lastVersion && wanted.has(type));
    if (batch.length > 0) yield batch;
    after = last.version;
  }
}
