import type { ClaimedStatus, LifecycleEvent, RunDescription, RunEventData } from '@testcast/contracts';
import { canonicalJson, DomainError } from '#platform/kernel';
import { type RunState, type ShardState, evolveRun, shardKey } from './run.ts';
import { allShardsHaveFinished, maxShards } from './shards.ts';

/** Reruns above this are not told apart any more. */
const maxReruns = 5000;

/**
 * What a command leads to. `offset` is the answer where the fact was known before; else the answer is the offset that
 * `events[subject]` gets.
 */
export interface Decision {
  readonly events: readonly LifecycleEvent[];
  readonly offset?: number | undefined;
  readonly subject: number;
}

const stands = (offset: number): Decision => ({ events: [], offset, subject: 0 });

export interface StartRunFacts {
  readonly projectId: string;
  readonly runId: string;
  readonly description: RunDescription;
  /** The server's clock, epoch milliseconds. */
  readonly now: number;
}

/** Starts the run, or joins it: what is not yet known about it is filled in, what is stays. */
export function decideStartRun(state: RunState, { projectId, runId, description, now }: StartRunFacts): Decision {
  const unknown = Object.entries(description).filter(
    ([field, value]) => value !== undefined && !Object.hasOwn(state.description, field),
  );
  const described: LifecycleEvent[] =
    unknown.length === 0 ? [] : [{ type: 'run.described', at: now, data: Object.fromEntries(unknown) }];
  if (state.startedAtOffset !== undefined) return { events: described, offset: state.startedAtOffset, subject: 0 };
  return { events: [started(projectId, runId, false, now), ...described], subject: 0 };
}

export interface OpenRunFacts {
  readonly projectId: string;
  readonly runId: string;
  readonly rerun: number;
  readonly now: number;
}

/** Before results are appended: a run that they may go to, and open again where they belong to a new rerun. */
export function decideOpenRun(state: RunState, { projectId, runId, rerun, now }: OpenRunFacts): Decision {
  const isNew = !state.reruns.has(rerun) && state.reruns.size < maxReruns;
  if (state.startedAtOffset === undefined) {
    const first = started(projectId, runId, true, now);
    return { events: isNew ? [first, rerunStarted(rerun, now)] : [first], subject: 0 };
  }
  if (!isNew) return stands(state.startedAtOffset);
  if (state.end === undefined) return { events: [rerunStarted(rerun, now)], subject: 0 };
  return { events: [{ type: 'run.reopened', at: now, data: { reason: 'rerun', rerun } }], subject: 0 };
}

export interface ShardFacts<T extends 'shard.started' | 'shard.finished'> {
  readonly projectId: string;
  readonly runId: string;
  readonly data: RunEventData[T];
  /** The sender's clock. */
  readonly at: number;
  readonly now: number;
}

/** A shard announces itself. Throws `item.conflict` when it has announced itself in other words before. */
export function decideStartShard(state: RunState, facts: ShardFacts<'shard.started'>): Decision {
  const { data, at, now } = facts;
  const known = state.shards.get(shardKey(data.rerun, data.shardId));
  if (known?.started !== undefined) return repeated(known.started, data);
  if (known === undefined) requireRoom(state);
  const events = openedFor(state, facts);
  if (state.end !== undefined && known === undefined) {
    const reason = state.reruns.has(data.rerun) ? 'shard' : 'rerun';
    events.push({ type: 'run.reopened', at: now, data: { reason, rerun: data.rerun, shardId: data.shardId } });
  }
  const subject = events.push({ type: 'shard.started', at, data }) - 1;
  return { events: withEnd(state, events, now), subject };
}

/** A shard has finished; with the last one the run has. */
export function decideFinishShard(state: RunState, facts: ShardFacts<'shard.finished'>): Decision {
  const { data, at, now } = facts;
  const known = state.shards.get(shardKey(data.rerun, data.shardId));
  if (known?.finished !== undefined) return stands(known.finished.offset);
  if (known === undefined) requireRoom(state);
  const events = openedFor(state, facts);
  const subject = events.push({ type: 'shard.finished', at, data }) - 1;
  return { events: withEnd(state, events, now), subject };
}

export interface FinishRunFacts {
  readonly status?: ClaimedStatus | undefined;
  readonly now: number;
}

/**
 * The sender ends the run. An interruption was the server's guess from silence, and the sender's own word goes over it.
 * Throws `run.unknown`, or `run.already-ended` when it was cancelled or has finished with another claim.
 */
export function decideFinishRun(state: RunState, { status, now }: FinishRunFacts): Decision {
  requireStarted(state);
  const { end } = state;
  if (end?.type === 'run.finished' && end.status === status) return stands(end.offset);
  if (end?.type === 'run.finished' || end?.type === 'run.cancelled') throw alreadyEnded(end.type, end.offset);
  return { events: [finished(now, status)], subject: 0 };
}

export interface QuietRunFacts {
  /** Whether a test or shard is open, or something expected has not come. */
  readonly isMissingSomething: boolean;
  readonly now: number;
}

/** Nothing has come for long: the run is cut off, or its sender forgot to say that it had ended. Never over another end. */
export function decideEndOfQuietRun(state: RunState, { isMissingSomething, now }: QuietRunFacts): Decision {
  if (state.startedAtOffset === undefined || state.end !== undefined) return stands(state.end?.offset ?? 0);
  const end: LifecycleEvent = isMissingSomething
    ? { type: 'run.interrupted', at: now, data: { reason: 'quiet' } }
    : finished(now);
  return { events: [end], subject: 0 };
}

/** Someone stops the run. Throws `run.unknown`, or `run.already-ended` when it has ended in another way. */
export function decideCancelRun(state: RunState, { now }: { readonly now: number }): Decision {
  requireStarted(state);
  if (state.end?.type === 'run.cancelled') return stands(state.end.offset);
  if (state.end !== undefined) throw alreadyEnded(state.end.type, state.end.offset);
  return { events: [{ type: 'run.cancelled', at: now, data: {} }], subject: 0 };
}

/**
 * The variant of a shard's results where they name none: what the shard announced, in this rerun or else in its last
 * one; undefined when it has not announced itself.
 */
export function variantOfShard(state: RunState, shardId: string, rerun: number): string | undefined {
  const exact = state.shards.get(shardKey(rerun, shardId))?.started;
  if (exact !== undefined) return exact.data.variant;
  let last: ShardState | undefined;
  for (const shard of state.shards.values()) {
    if (shard.shardId === shardId && shard.started !== undefined && shard.rerun > (last?.rerun ?? 0)) last = shard;
  }
  return last?.started?.data.variant;
}

// A shard may be the first that is heard of its run.
function openedFor(
  state: RunState,
  { projectId, runId, now }: ShardFacts<'shard.started' | 'shard.finished'>,
): LifecycleEvent[] {
  return state.startedAtOffset === undefined ? [started(projectId, runId, true, now)] : [];
}

// Ends the run when what was decided completes its shards. An interruption is a guess that the shards then correct; a
// finish and a cancel are somebody's word and stay.
function withEnd(state: RunState, events: readonly LifecycleEvent[], now: number): readonly LifecycleEvent[] {
  const after = events.reduce((folded, event) => evolveRun(folded, { ...event, offset: 0 }), state);
  if (after.end !== undefined && after.end.type !== 'run.interrupted') return events;
  const shards = [...after.shards.values()].map(({ shardId, rerun, started, finished }) => ({
    shardId,
    rerun,
    total: started?.data.total,
    announced: started !== undefined,
    finished: finished !== undefined,
  }));
  return allShardsHaveFinished(shards) ? [...events, finished(now)] : events;
}

function repeated(known: NonNullable<ShardState['started']>, data: RunEventData['shard.started']): Decision {
  if (announcement(known.data) === announcement(data)) return stands(known.offset);
  throw new DomainError('item.conflict', `The shard ${data.shardId} has announced itself in other words.`, {
    details: { offset: known.offset },
  });
}

// A shard is named by (rerun, shardId): the name of the item that told of it is not part of what it said.
function announcement({ itemId: _, ...data }: RunEventData['shard.started']): string {
  return canonicalJson(data);
}

function requireRoom({ shards }: RunState): void {
  if (shards.size < maxShards) return;
  throw new DomainError('item.invalid', `A run has at most ${maxShards} shards, those of its reruns included.`, {
    details: { limit: maxShards },
  });
}

function requireStarted(state: RunState): void {
  if (state.startedAtOffset === undefined) throw new DomainError('run.unknown');
}

function alreadyEnded(type: string, offset: number): DomainError {
  return new DomainError('run.already-ended', `The run has ended in another way: ${type} at offset ${offset}.`, {
    details: { offset },
  });
}

function started(projectId: string, runId: string, implicit: boolean, at: number): LifecycleEvent {
  return { type: 'run.started', at, data: { projectId, runId, implicit } };
}

function rerunStarted(rerun: number, at: number): LifecycleEvent {
  return { type: 'rerun.started', at, data: { rerun } };
}

function finished(at: number, status?: ClaimedStatus): LifecycleEvent {
  return { type: 'run.finished', at, data: status === undefined ? {} : { status } };
}
