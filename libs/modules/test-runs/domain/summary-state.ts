import type { ClaimedStatus, RunCounts, RunDescription, RunEvent, ShardSummary } from '@testcast/contracts';

/** An event of a run's stream, with what the store knows of it. */
export type StoredRunEvent = RunEvent & {
  readonly offset: number;
  /** The server's clock. */
  readonly recordedAt: number;
};

export interface SummaryEnd {
  readonly type: 'run.finished' | 'run.interrupted' | 'run.cancelled';
  readonly offset: number;
  readonly at: number;
  readonly claimed?: ClaimedStatus | undefined;
}

export interface ShardEntry extends ShardSummary {
  readonly announced: boolean;
}

/** What a run's summary is made of: kept in its row, so that the next events go on from it. */
export interface SummaryState {
  readonly projectId: string;
  readonly runId: string;
  readonly implicit: boolean;
  readonly description: RunDescription;
  readonly counts: RunCounts;
  /** Tests that have failed and get no further attempt. */
  readonly failing: number;
  /** Tests of which an attempt is open. */
  readonly open: number;
  readonly shards: readonly ShardEntry[];
  /** shardId → of how many tests it has reported an attempt. */
  readonly received: Readonly<Record<string, number>>;
  readonly end?: SummaryEnd | undefined;
  readonly startedAt: number;
  readonly lastEventAt: number;
  readonly version: number;
}

const noCounts: RunCounts = { tests: 0, passed: 0, failed: 0, flaky: 0, skipped: 0, pending: 0, attempts: 0 };

/** The state before its first event. */
export function emptySummary(projectId: string, runId: string): SummaryState {
  return {
    projectId,
    runId,
    implicit: true,
    description: {},
    counts: noCounts,
    failing: 0,
    open: 0,
    shards: [],
    received: {},
    startedAt: 0,
    lastEventAt: 0,
    version: 0,
  };
}
