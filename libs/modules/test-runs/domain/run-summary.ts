import type { RunSummary } from '@testcast/contracts';
import { statusOf } from './run-status.ts';
import { expectedOfShards } from './shards.ts';
import type { SummaryState } from './summary-state.ts';

/** A run as it is shown. */
export function toRunSummary(state: SummaryState): RunSummary {
  const { description, counts, end, shards, version, startedAt, lastEventAt, projectId, runId, implicit } = state;
  const { expectedTests: _, quietAfterMs: __, ...shown } = description;
  const { status, complete } = statusOf(state);
  const expected = expectedTestsOf(state);
  return {
    ...shown,
    projectId,
    runId,
    status,
    failing: status === 'running' && state.failing > 0,
    implicit,
    counts,
    ...(expected === undefined ? {} : { expectedTests: expected }),
    complete,
    shards: shards.map(({ announced: _announced, ...shard }) => shard),
    startedAt,
    ...(end === undefined ? {} : { finishedAt: end.at, durationMs: Math.max(0, end.at - startedAt) }),
    lastEventAt,
    version,
  };
}

function expectedTestsOf({ description, shards }: SummaryState): number | undefined {
  if (description.expectedTests !== undefined) return description.expectedTests;
  const expected = expectedOfShards(shards);
  return expected.size === 0 ? undefined : [...expected.values()].reduce((sum, tests) => sum + tests, 0);
}
