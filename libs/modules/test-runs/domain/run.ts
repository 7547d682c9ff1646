import type { ClaimedStatus, LifecycleEvent, RunDescription, RunEventData } from '@testcast/contracts';

/** A lifecycle event with its offset in the run's stream; 0 while it has been decided but not yet stored. */
export type RunFact = LifecycleEvent & { readonly offset: number };

/** One execution of a shard: (rerun, shardId). Either event may come first. */
export interface ShardState {
  readonly shardId: string;
  readonly rerun: number;
  readonly started?: { readonly offset: number; readonly data: RunEventData['shard.started'] } | undefined;
  readonly finished?: { readonly offset: number } | undefined;
}

export type RunEnd =
  | { readonly type: 'run.finished'; readonly offset: number; readonly status?: ClaimedStatus | undefined }
  | { readonly type: 'run.interrupted' | 'run.cancelled'; readonly offset: number };

/** What the lifecycle events of a run say; results are not part of it. */
export interface RunState {
  /** Offset of `run.started`; undefined = there is no such run yet. */
  readonly startedAtOffset?: number | undefined;
  readonly description: RunDescription;
  readonly reruns: ReadonlySet<number>;
  /** By {@link shardKey}. */
  readonly shards: ReadonlyMap<string, ShardState>;
  /** How often the run was opened: 1, and one more for each time that it was reopened. */
  readonly openings: number;
  /** Undefined while the run is open. */
  readonly end?: RunEnd | undefined;
  /** Nothing is left of the run but this. */
  readonly erased?: true | undefined;
}

export const initialRun: RunState = {
  description: {},
  // A run's first execution need not be told: the numbers grow, so nothing that comes later is rerun 1.
  reruns: new Set([1]),
  shards: new Map(),
  openings: 1,
};

export function shardKey(rerun: number, shardId: string): string {
  return `${rerun}/${shardId}`;
}

export function evolveRun(state: RunState, fact: RunFact): RunState {
  return evolve(state, fact, copying);
}

/**
 * The same for many facts, oldest first. Shards and reruns are copied once and not with every fact: a run of 2,000 shards
 * has 4,000 facts, and would be folded in the square of that.
 */
export function evolveRunBy(state: RunState, facts: Iterable<RunFact>): RunState {
  let evolved: RunState = { ...state, shards: new Map(state.shards), reruns: new Set(state.reruns) };
  for (const fact of facts) evolved = evolve(evolved, fact, adding);
  return evolved;
}

/** How a shard or a rerun comes to those that there are. */
interface Growth {
  shards(known: RunState['shards']): Map<string, ShardState>;
  reruns(known: RunState['reruns']): Set<number>;
}

const copying: Growth = { shards: (known) => new Map(known), reruns: (known) => new Set(known) };
/** Only where the state is nobody else's yet. */
const adding: Growth = {
  shards: (known) => known as Map<string, ShardState>,
  reruns: (known) => known as Set<number>,
};

function evolve(state: RunState, fact: RunFact, growth: Growth): RunState {
  const { offset } = fact;
  switch (fact.type) {
    case 'run.started':
      return { ...state, startedAtOffset: offset };
    case 'run.described':
      return { ...state, description: { ...fact.data, ...state.description } };
    case 'rerun.started':
      return withRerun(state, fact.data.rerun, growth);
    case 'shard.started':
      return withShard(state, fact.data, { started: { offset, data: fact.data } }, growth);
    case 'shard.finished':
      return withShard(state, fact.data, { finished: { offset } }, growth);
    case 'run.finished':
      return { ...state, end: { type: 'run.finished', offset, status: fact.data.status } };
    case 'run.interrupted':
    case 'run.cancelled':
      return { ...state, end: { type: fact.type, offset } };
    case 'run.reopened': {
      const reopened = { ...state, end: undefined, openings: state.openings + 1 };
      return fact.data.rerun === undefined ? reopened : withRerun(reopened, fact.data.rerun, growth);
    }
    case 'run.erased':
      return { ...state, erased: true };
    // While a newer release rolls out, its events are met by processes that do not know them yet.
    default:
      return state;
  }
}

function withRerun(state: RunState, rerun: number, growth: Growth): RunState {
  return state.reruns.has(rerun) ? state : { ...state, reruns: growth.reruns(state.reruns).add(rerun) };
}

function withShard(
  state: RunState,
  { shardId, rerun }: { shardId: string; rerun: number },
  change: Pick<ShardState, 'started' | 'finished'>,
  growth: Growth,
): RunState {
  const key = shardKey(rerun, shardId);
  const shards = growth.shards(state.shards).set(key, { shardId, rerun, ...state.shards.get(key), ...change });
  return withRerun({ ...state, shards }, rerun, growth);
}
