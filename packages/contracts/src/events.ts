import type { ClaimedStatus } from './statuses.ts';
import type { RunDescription } from './messages.ts';
import type { ResultItem } from './items.ts';

/**
 * Events of a `run:` stream, as rooms deliver them. `data` of an item's event is the completed item without `kind` and
 * `at`, and without stack, snippet and steps, which are read by `GET R/tests/:testKey`.
 */
type Completed<K extends ResultItem['kind']> = Omit<
  Extract<ResultItem, { kind: K }>,
  'kind' | 'at' | 'error' | 'steps'
>;
interface OfTest {
  testKey: string;
  /** `""` when the sender named no shard. */
  shardId: string;
  variant: string;
  rerun: number;
  /** Names of the fields whose text was cut to fit. */
  truncated?: string[];
}

export interface RunEventData {
  'run.started': { projectId: string; runId: string; implicit: boolean };
  'run.described': RunDescription;
  /**
   * The first sight of a rerun other than 1 while the run is open. Without it nobody could tell, once the run has ended,
   * a late result of a rerun that took part from the first one of a new rerun, which reopens the run.
   */
  'rerun.started': { rerun: number };
  'shard.started': Completed<'shard.started'> & { variant: string; rerun: number };
  'shard.finished': Completed<'shard.finished'> & { rerun: number };
  'test.planned': Completed<'test.planned'> & OfTest;
  'test.started': Completed<'test.started'> & OfTest;
  'test.finished': Completed<'test.finished'> & OfTest & { error?: { message: string } };
  /** No verdict: only what the sender claimed. A run's status is computed from its rows. */
  'run.finished': { status?: ClaimedStatus | undefined };
  'run.interrupted': { reason: 'quiet' };
  'run.cancelled': Record<string, never>;
  'run.reopened': { reason: 'rerun' | 'shard'; rerun?: number | undefined; shardId?: string | undefined };
  /** The last event of a run: the data of all others, `events` of them with those of its output, is erased. */
  'run.erased': { events: number };
}
export type RunEventType = keyof RunEventData;
export type RunEvent = { [T in RunEventType]: { type: T; at: number; data: RunEventData[T] } }[RunEventType];

/** Events whose order is checked against the stream's guard; results are not among them. */
export const lifecycleEventTypes = [
  'run.started',
  'run.described',
  'rerun.started',
  'shard.started',
  'shard.finished',
  'run.finished',
  'run.interrupted',
  'run.cancelled',
  'run.reopened',
  'run.erased',
] as const satisfies readonly RunEventType[];
export type LifecycleEventType = (typeof lifecycleEventTypes)[number];
export type LifecycleEvent = Extract<RunEvent, { type: LifecycleEventType }>;

/** The one event type of an `output:` stream. */
export interface OutputEventData {
  output: {
    testId?: string | undefined;
    variant: string;
    shardId: string;
    rerun: number;
    attempt?: number | undefined;
    stream: 'stdout' | 'stderr';
    seq: number;
    text: string;
    truncated?: string[];
  };
}
