import { rooms, type RunRef, type RunSummary, type StateItem, type TestRow } from '@testcast/contracts';
import { tell } from '../connection/subscription.ts';
import type { TestcastClient } from '../testcast-client.ts';
import type { TestcastError } from '../testcast-error.ts';
import { RunJoin } from './run-join.ts';
import type { RunObserver } from './run-observer.ts';

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
