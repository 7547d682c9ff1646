import type { ClaimedStatus, ResultItemInput, RunDescription, RunRef } from '@testcast/contracts';
import type { BackoffOptions } from '../connection/backoff.ts';
import type { HttpOptions } from '../http/testcast-http.ts';
import type { TestcastError } from '../testcast-error.ts';
import type { BacklogLimits } from './backlog.ts';
import type { Spill } from './spill.ts';

type WithoutAt<T> = T extends { at: number } ? Omit<T, 'at'> & { at?: number | undefined } : never;
/** A result item; without `at` it is now. */
export type ReportedItem = WithoutAt<ResultItemInput>;

export interface ReportTotals {
  /** Items that were handed over. */
  total: number;
  /** Items that the server has stored, now or in an earlier attempt. */
  sent: number;
  /** Items that the server or this package refused for good. */
  rejected: number;
  /** Items that fell out of a full memory where there was no disk. */
  dropped: number;
  /** Items that wait, or had to be left when time was up. */
  pending: number;
  /** Where those that were left are kept, for `testcast upload`. */
  keptIn?: string | undefined;
  /** Why nothing more can be sent at all, such as a wrong token. */
  refusal?: TestcastError | undefined;
}

export interface ReportProblemNote {
  code: string;
  message: string;
  /** The item as it was sent, where the problem is one item's. */
  item?: string | undefined;
}

export interface ReporterOptions extends HttpOptions {
  projectId: string;
  /** Default: a new UUID; in CI take `detectCi(env).runId`, so that all jobs of a build join one run. */
  runId?: string | undefined;
  shardId?: string | undefined;
  variant?: string | undefined;
  rerun?: number | undefined;
  /** What is known about the shard, told when it starts; only with a shardId. */
  shard?: { total?: number | undefined; expectedTests?: number | undefined; jobUrl?: string | undefined } | undefined;
  /** What is known about the run. */
  description?: RunDescription | undefined;
  /** When a batch goes out: so many items, or so long after the first; default 100 items, 100 ms. */
  batch?: { items?: number | undefined; ms?: number | undefined } | undefined;
  memory?: Partial<BacklogLimits> | undefined;
  openSpill?: (() => Spill) | undefined;
  backoff?: BackoffOptions | undefined;
  /** Told of refused items and the like; a reporter never throws. */
  onProblem?: ((problem: ReportProblemNote) => void) | undefined;
}

export interface CloseOptions {
  /** How long to go on sending; default 10 s. */
  timeoutMs?: number | undefined;
  /** Ends the run, with what is claimed of it; not for a shard, whose end is told anyway. */
  finish?: boolean | { status?: ClaimedStatus | undefined } | undefined;
}

/** Sends results in the background. Nothing of it throws, and nothing of it waits for the network but `close`. */
export interface Reporter {
  readonly run: RunRef;
  readonly totals: ReportTotals;
  report(item: ReportedItem): void;
  /** Sends what is left until time is up. Called again it answers the same. */
  close(options?: CloseOptions): Promise<ReportTotals>;
}

/**
 * One line for people: "sent 98 of 100 events (2 rejected)". Not results: the start of a test is one too, and who ran
 * 20 tests would look for the other 20.
 */
export function describeTotals({ total, sent, rejected, dropped, pending, keptIn, refusal }: ReportTotals): string {
  const notes = [
    rejected > 0 ? `${rejected} rejected` : '',
    dropped > 0 ? `${dropped} dropped` : '',
    pending > 0 ? `${pending} not sent in time` : '',
  ].filter((note) => note !== '');
  const noted = notes.length === 0 ? '' : ` (${notes.join(', ')})`;
  const reason = refusal === undefined ? '' : `: ${refusal.message}`;
  const kept = keptIn === undefined ? '' : `; what is left is in ${keptIn}`;
  return `sent ${sent} of ${total} events${noted}${reason}${kept}`;
}
