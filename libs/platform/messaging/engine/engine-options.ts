import type { Tracing } from '#platform/observability';
import type { BuildStore } from './build-store.ts';
import type { SlotShare } from './slot-share.ts';

export interface EngineOptions {
  /** Milliseconds between two tries of one event alone (default 100). */
  readonly pauseMs?: number | undefined;
  /** Milliseconds to wait after so many failures in a row that lie outside the events (default: `backoffMs`). */
  readonly retryMs?: ((failures: number) => number) | undefined;
  /** Milliseconds after which a head that is still ahead is read from the log (default 1,000). */
  readonly holeAfterMs?: number | undefined;
  /** Where the tables of projections are; without, those of the first build are taken for granted and never rebuilt. */
  readonly builds?: BuildStore | undefined;
  /** Divides the slots among the processes; without, each follows all of them. */
  readonly share?: SlotShare | undefined;
  /** The feed divides the slots of what is live by itself, as Kafka does: then only rebuilds are shared by `share`. */
  readonly feedShares?: boolean | undefined;
  /** Told of what was applied; without, nothing is traced. */
  readonly tracing?: Pick<Tracing, 'projected'> | undefined;
  /** Milliseconds between two looks at what is being rebuilt (default 1,000). */
  readonly watchEveryMs?: number | undefined;
}
