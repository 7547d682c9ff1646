import { rooms, type RoomEvent, type RunRef, type RunSummary, type StateItem, type TestRow } from '@testcast/contracts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { tell } from '../connection/subscription.ts';
import type { TestcastClient } from '../testcast-client.ts';
import type { TestcastError } from '../testcast-error.ts';
import { RunJoin } from './run-join.ts';

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

export interface RunWatch {
  readonly run: RunRef;
  /** The rows as they stand, by testKey. Live: do not change it. */
  readonly rows: ReadonlyMap<string, TestRow>;
  close(): void;
}

/**
 * Watches a run: its rows from a snapshot and, without a gap, from every event after it; its summary as the server
 * counts it. A run that has not begun is empty until it does. One watch a run and client at a time.
 */
export function watchRun(client: TestcastClient, run: RunRef, observer: RunObserver): RunWatch {
  const { connection } = client;
  const join = new RunJoin(client, run, observer, (error) => end(error));
  const summary = connection.watchState(rooms.runSummary(run.projectId, run.runId), {
    onItems: (changed: readonly StateItem[]) => {
      for (const { value } of changed) {
        join.noteSummary(value as RunSummary);
        tell(() => observer.summary(value as RunSummary));
      }
    },
    onEnd: (error) => end(error),
  });
  const unlisten = connection.onState((state) => {
    tell(() => observer.state(state));
    if (state.name === 'closed') close();
  });
  let closed = false;
  const close = (): void => {
    if (closed) return;
    closed = true;
    unlisten();
    summary.close();
    join.close();
  };
  const end = (error: TestcastError): void => {
    if (closed) return;
    close();
    tell(() => observer.ended?.(error));
  };
  tell(() => observer.state(connection.state));
  void join.run();
  return {
    run,
    get rows() {
      return join.rows;
    },
    close,
  };
}
