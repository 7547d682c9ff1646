import type { RunSummary } from '@testcast/contracts';
import type { ConnectionState } from '../connection/connection-state.ts';
import type { TestcastError } from '../testcast-error.ts';

/** Told of the runs of a project: those that run and the newest 50. */
export interface ProjectObserver {
  /** `changed` are new or changed runs, `removed` the ids of runs that left the window. */
  runs(changed: readonly RunSummary[], removed: readonly string[]): void;
  /** The whole window has arrived; after a reconnect once more. */
  loaded?(): void;
  state(state: ConnectionState): void;
  /** The watch is over, and why. */
  ended?(error: TestcastError): void;
}

export interface ProjectWatch {
  readonly projectId: string;
  /** The runs as they stand, by runId. Live: do not change it. */
  readonly runs: ReadonlyMap<string, RunSummary>;
  close(): void;
}
