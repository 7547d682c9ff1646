import type { RoomEvent, RunSummary, TestRow } from '@testcast/contracts';
import type { ConnectionState } from '../connection/connection-state.ts';
import type { TestcastError } from '../testcast-error.ts';

/** Told of everything that changes in a run. Calls come one at a time; an observer that throws does not stop the watch. */
export interface RunObserver {
  /** Rows that are new or have changed, at most one per test: a page of the snapshot or the events of one frame. */
  rows(changed: readonly TestRow[]): void;
  /** The latest summary; higher versions follow lower ones. */
  summary(summary: RunSummary): void;
  /** `loaded` rows of the snapshot are there; `done` when all of it is. */
  loading(progress: { readonly loaded: number; readonly done: boolean }): void;
  /** Forget all rows: those of a new snapshot follow at once. */
  reset(): void;
  /** Every event of the run after the snapshot, in order, once. */
  event?(event: RoomEvent): void;
  state(state: ConnectionState): void;
  /** The watch is over, and why: the run is forbidden, erased, or its project is not there. */
  ended?(error: TestcastError): void;
}
