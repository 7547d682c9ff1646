import type { RunEventData } from '@testcast/contracts';
import { dataOf, type RecordedEvent } from '#platform/event-store';
import { testKeyOf } from '#platform/kernel';
import type { FinishedAttempt } from '../domain/counted-test.ts';
import { timeOf } from '../domain/event-time.ts';

/** What an event says of an attempt that began or ended. */
export interface AttemptSeen {
  readonly projectId: string;
  readonly runId: string;
  readonly slot: number;
  readonly position: number;
  readonly testKey: string;
  /** A worker of a shard, or the shard where it names none. */
  readonly workerKey: string;
  /** Epoch milliseconds, by `timeOf`. */
  readonly at: number;
  /** Absent when it began. */
  readonly finished?: FinishedAttempt | undefined;
}

/** @throws when the stream is no run's, so that the event is set aside and seen */
export function attemptOf(event: RecordedEvent): AttemptSeen {
  const match = /^run:([^/]+)\/([^/]+)$/.exec(event.stream);
  if (match === null) throw new Error(`${event.stream} is no run's stream and has a ${event.type}`);
  const [, projectId, runId] = match as unknown as [string, string, string];
  const { slot, position } = event;
  const run = { projectId, runId, slot, position };
  const at = timeOf(event);
  if (event.type === 'test.started') {
    const { testKey, shardId, worker } = dataOf<RunEventData['test.started']>(event);
    return { ...run, testKey, workerKey: workerKeyOf(shardId, worker), at };
  }
  const { testKey, shardId, worker, rerun, attempt, status, durationMs } = dataOf<RunEventData['test.finished']>(event);
  const finished = { rerun, attempt, status, durationMs, at };
  return { ...run, testKey, workerKey: workerKeyOf(shardId, worker), at, finished };
}

/** A hash, since the names are 330 characters at most and the key is stored by the hour. */
function workerKeyOf(shardId: string, worker = ''): string {
  return testKeyOf(shardId, worker);
}
