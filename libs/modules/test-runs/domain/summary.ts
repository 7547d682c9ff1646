import {
  type LifecycleEvent,
  type TestEvent,
  type TestRow,
  attemptCount,
  decidingAttempt,
  foldTest,
  isTestEvent,
} from '@testcast/contracts';
import { maxShards } from './shards.ts';
import { type ShardEntry, type StoredRunEvent, type SummaryState, emptySummary } from './summary-state.ts';

/**
 * A run's state after one more event, and the row of the test that the event is about. Counters move by the difference
 * between the row before and after, so that a batch costs what it changes and not what the run holds.
 */
export function foldRun(
  state: SummaryState,
  event: StoredRunEvent,
  row: TestRow | undefined,
): { state: SummaryState; row?: TestRow } {
  const seen = {
    ...state,
    startedAt: state.version === 0 ? event.at : state.startedAt,
    lastEventAt: Math.max(state.lastEventAt, event.recordedAt),
    version: event.offset,
  };
  if (!isTestEvent(event)) return { state: foldLifecycle(seen, event) };
  const after = foldTest(row, event, state.end !== undefined);
  return { state: { ...seen, ...countersAfter(seen, row, after, event) }, row: after };
}

/** The fold of a whole log: what the projection's rows must be equal to. */
export function summaryOf(
  projectId: string,
  runId: string,
  events: Iterable<StoredRunEvent>,
): { state: SummaryState; rows: Map<string, TestRow> } {
  let state = emptySummary(projectId, runId);
  const rows = new Map<string, TestRow>();
  for (const event of events) {
    const folded = foldRun(state, event, isTestEvent(event) ? rows.get(event.data.testKey) : undefined);
    state = folded.state;
    if (folded.row !== undefined) rows.set(folded.row.testKey, folded.row);
  }
  return { state, rows };
}

function foldLifecycle(state: SummaryState, event: LifecycleEvent & StoredRunEvent): SummaryState {
  switch (event.type) {
    case 'run.started':
      return { ...state, implicit: event.data.implicit };
    case 'run.described':
      return { ...state, description: { ...event.data, ...state.description } };
    case 'shard.started': {
      const { shardId, rerun, variant, total, expectedTests, jobUrl } = event.data;
      return withShard(state, {
        shardId,
        rerun,
        variant,
        total,
        expectedTests,
        jobUrl,
        startedAt: event.at,
        announced: true,
      });
    }
    case 'shard.finished': {
      const { shardId, rerun } = event.data;
      return withShard(state, { shardId, rerun, status: 'finished', finishedAt: event.at });
    }
    case 'run.finished':
    case 'run.interrupted':
    case 'run.cancelled': {
      const claimed = event.type === 'run.finished' ? event.data.status : undefined;
      const end = {
        type: event.type,
        offset: event.offset,
        at: event.at,
        ...(claimed === undefined ? {} : { claimed }),
      };
      return { ...state, end };
    }
    case 'run.reopened': {
      const { end: _, ...open } = state;
      return open;
    }
    default:
      return state;
  }
}

function withShard(
  state: SummaryState,
  change: Partial<ShardEntry> & { shardId: string; rerun: number },
): SummaryState {
  const index = state.shards.findIndex(({ shardId, rerun }) => shardId === change.shardId && rerun === change.rerun);
  const known: ShardEntry = state.shards[index] ?? {
    shardId: change.shardId,
    rerun: change.rerun,
    variant: '',
    status: 'running',
    startedAt: change.startedAt ?? change.finishedAt!,
    announced: false,
  };
  const changed = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const shard = { ...known, ...changed };
  return { ...state, shards: index === -1 ? [...state.shards, shard] : state.shards.with(index, shard) };
}

function countersAfter(state: SummaryState, before: TestRow | undefined, after: TestRow, event: TestEvent) {
  const counts = { ...state.counts };
  if (before !== undefined) counts[before.outcome] -= 1;
  else counts.tests += 1;
  counts[after.outcome] += 1;
  counts.attempts += attemptCount(after) - (before === undefined ? 0 : attemptCount(before));
  return {
    counts,
    failing: state.failing + Number(isFailing(after)) - Number(before !== undefined && isFailing(before)),
    open: state.open + Number(after.running) - Number(before?.running ?? false),
    received: receivedAfter(state.received, before, after, event),
  };
}

/** Whether the test has failed and no further attempt of it is on its way. */
export function isFailing({ outcome, running, attempts }: TestRow): boolean {
  return outcome === 'failed' && !running && decidingAttempt(attempts)?.willRetry !== true;
}

/** Only the event's own shard can be one that the row did not have before: an event adds one attempt. */
function receivedAfter(
  received: SummaryState['received'],
  before: TestRow | undefined,
  after: TestRow,
  event: TestEvent,
): SummaryState['received'] {
  if (event.type === 'test.planned') return received;
  const { shardId } = event.data;
  const has = (row: TestRow | undefined): boolean =>
    row?.attempts.some((attempt) => attempt.shardId === shardId) === true;
  if (has(before) || !has(after)) return received;
  const known = Object.hasOwn(received, shardId);
  if (!known && Object.keys(received).length >= maxShards) return received;
  return { ...received, [shardId]: (known ? received[shardId]! : 0) + 1 };
}
