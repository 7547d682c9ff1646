import { dataOf, type RecordedEvent } from '#platform/event-store';
import type { StoredRunEvent } from '../domain/summary-state.ts';

/** An event of the log as the fold takes it. */
export function storedEvent(event: RecordedEvent): StoredRunEvent {
  const { type, at, recordedAt, version } = event;
  return { type, at, recordedAt, offset: version, data: dataOf<object>(event) } as StoredRunEvent;
}
