import type { AttemptStatus, Outcome, RunStatus } from './statuses.ts';
import type { RunDescription } from './messages.ts';

export interface RunCounts {
  tests: number;
  passed: number;
  failed: number;
  flaky: number;
  skipped: number;
  pending: number;
  attempts: number;
}

export interface ShardSummary {
  shardId: string;
  rerun: number;
  variant: string;
  status: 'running' | 'finished';
  total?: number | undefined;
  expectedTests?: number | undefined;
  jobUrl?: string | undefined;
  startedAt: number;
  finishedAt?: number | undefined;
}

/** `GET R`, and the value of a row in `project:` and `run-summary:`. */
export interface RunSummary extends Omit<RunDescription, 'expectedTests' | 'quietAfterMs'> {
  projectId: string;
  runId: string;
  status: RunStatus;
  /** A running run in which a test has failed and no retry is coming. */
  failing: boolean;
  implicit: boolean;
  /** Each test counts once, under its outcome. */
  counts: RunCounts;
  expectedTests?: number | undefined;
  /** Ended, and everything that was announced has arrived. */
  complete: boolean;
  shards: ShardSummary[];
  /** In rooms and lists: shards beyond those shown; `GET R` has them all. */
  shardsLeftOut?: number | undefined;
  startedAt: number;
  finishedAt?: number | undefined;
  durationMs?: number | undefined;
  lastEventAt: number;
  /** The stream version that the summary reflects. */
  version: number;
}

export interface TestAttempt {
  shardId: string;
  rerun: number;
  attempt: number;
  /** Absent while the attempt runs. */
  status?: AttemptStatus | undefined;
  rawStatus?: string | undefined;
  willRetry?: boolean | undefined;
  durationMs?: number | undefined;
  startedAt?: number | undefined;
  finishedAt?: number | undefined;
  worker?: string | undefined;
  error?: { message: string } | undefined;
  /** Arrived after the run had ended. */
  late?: boolean | undefined;
  /** Offset of the event that finished it: where its stack, snippet and steps are kept. */
  offset?: number | undefined;
}

/** One row of `GET R/tests`. */
export interface TestRow {
  testKey: string;
  testId: string;
  variant: string;
  title: string;
  suite: string[];
  file?: string | undefined;
  line?: number | undefined;
  tags?: string[] | undefined;
  owner?: string | undefined;
  outcome: Outcome;
  /** An attempt has started that has not finished, and none of a higher rank has. */
  running: boolean;
  /** At most 500. */
  attempts: TestAttempt[];
  /** Attempts beyond those: they count, and are not shown. */
  attemptsLeftOut?: number | undefined;
  /** Of the attempt that decided. */
  durationMs?: number | undefined;
  /** Of the attempt that decided, where it did not pass, else of the last one that failed. */
  error?: { message: string } | undefined;
  /** Offset of the last event that the row reflects. */
  version: number;
}

export interface TestsPage {
  epoch: string;
  /** The stream version that the rows reflect: subscribe to the run's room from here. */
  asOf: number;
  /** Offset of the event that ended the run, while it stands ended: what comes above it is late. */
  endOffset?: number | undefined;
  items: TestRow[];
  next: string | null;
}

/** `GET R/tests/:testKey`: a row whose attempts carry everything that was reported. */
export interface TestDetail extends Omit<TestRow, 'attempts'> {
  attempts: (TestAttempt & {
    stack?: string | undefined;
    snippet?: string | undefined;
    steps?: unknown;
    parameters?: Record<string, string> | undefined;
  })[];
}

export interface OutputPage {
  epoch: string;
  items: {
    offset: number;
    at: number;
    stream: 'stdout' | 'stderr';
    seq: number;
    text: string;
    attempt?: number | undefined;
  }[];
  next: number | null;
}

export interface Project {
  projectId: string;
  name: string;
  defaultBranch?: string | undefined;
  repositoryUrl?: string | undefined;
  /** Days for which runs are kept after their end, 0 = for ever; absent = as the server is set. */
  retentionDays?: number | undefined;
  createdAt: number;
}
