import { type EventStore, isErased, type RecordedEvent } from '#platform/event-store';
import type { Build } from './build.ts';
import { type ParkedStream, type Replay, TransientFailure } from './checkpoint-store.ts';

const batchEvents = 100;

/** The events of a parked stream that were set aside, in batches as a handler takes them. */
async function* eventsSetAside(
  log: Pick<EventStore, 'readStream'>,
  build: Pick<Build, 'events'>,
  { stream, firstVersion, lastVersion }: ParkedStream,
): AsyncGenerator<RecordedEvent[]> {
  const wanted = new Set(build.events);
  let after = firstVersion - 1;
  while (after < lastVersion) {
    const { events } = await log.readStream(stream, after, { limit: batchEvents });
    const last = events.at(-1);
    // A reader that lags behind would make us un-park a stream with events missing.
    if (last === undefined) throw new Error(`${stream} ends at ${after}, but was set aside up to ${lastVersion}`);
    const batch = events.filter((event) => event.version <= lastVersion && wanted.has(event.type) && !isErased(event));
    if (batch.length > 0) yield batch;
    after = last.version;
  }
}

/**
 * Applies what was set aside, up to the first event that fails alone.
 *
 * @param discarded versions that are left out
 * @param attempt applies a batch or nothing of it
 */
export async function replaySetAside(
  log: Pick<EventStore, 'readStream'>,
  build: Build,
  { parked, discarded }: { parked: ParkedStream; discarded: ReadonlySet<number> },
  attempt: (batch: readonly RecordedEvent[]) => Promise<void>,
): Promise<Replay> {
  let applied = 0;
  for await (const batch of eventsSetAside(log, build, parked)) {
    if (await succeeds(() => attempt(batch))) {
      applied += batch.length;
      continue;
    }
    for (const event of batch) {
      try {
        await attempt([event]);
        applied += 1;
      } catch (error) {
        if (error instanceof TransientFailure) throw error;
        if (!discarded.has(event.version)) return { applied, failure: { event, error } };
      }
    }
  }
  return { applied };
}

async function succeeds(action: () => Promise<void>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    if (error instanceof TransientFailure) throw error;
    return false;
  }
}
