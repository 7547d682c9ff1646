import type { RunStatus } from '@testcast/contracts';
import { expectedOfShards, someShardIsMissing } from './shards.ts';
import type { SummaryState } from './summary-state.ts';

/**
 * The verdict on a run, from its rows: PROTOCOL "Run status". It is drawn again with every late result. What the sender
 * claims can make it worse and never better.
 */
export function statusOf(state: SummaryState): { status: RunStatus; complete: boolean } {
  const { end, counts } = state;
  if (end === undefined) return { status: 'running', complete: false };
  const complete = !isMissingSomething(state);
  if (end.type === 'run.cancelled') return { status: 'cancelled', complete };
  if (counts.failed > 0 || end.claimed === 'failed') return { status: 'failed', complete };
  // An interruption stands until the sender or its last shard ends the run properly: of a run that merely fell silent
  // nobody knows whether more was to come.
  const isCut = end.type === 'run.interrupted' || end.claimed === 'interrupted';
  if (isCut || !complete || counts.tests === 0) return { status: 'interrupted', complete };
  return { status: 'passed', complete };
}

/** Whether something was announced that has not arrived: a test, an attempt's end, a shard, or some of an expected number. */
export function isMissingSomething({ counts, open, description, shards, received }: SummaryState): boolean {
  if (counts.pending > 0 || open > 0) return true;
  if (counts.tests < (description.expectedTests ?? 0)) return true;
  const arrived = new Map(Object.entries(received));
  for (const [shardId, expected] of expectedOfShards(shards)) {
    if ((arrived.get(shardId) ?? 0) < expected) return true;
  }
  return someShardIsMissing(shards.map((shard) => ({ ...shard, finished: shard.status === 'finished' })));
}
