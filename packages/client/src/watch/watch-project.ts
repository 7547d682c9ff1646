import { rooms, type RunSummary } from '@testcast/contracts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { tell } from '../connection/subscription.ts';
import type { TestcastClient } from '../testcast-client.ts';
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

/** Watches the runs of a project: those that run and the newest 50, each as the server last counted it. */
export function watchProject(client: TestcastClient, projectId: string, observer: ProjectObserver): ProjectWatch {
  const runs = new Map<string, RunSummary>();
  const unlisten = client.connection.onState((state) => tell(() => observer.state(state)));
  const watch = client.connection.watchState(rooms.project(projectId), {
    onItems: (changed, removed) => {
      for (const { key, value } of changed) runs.set(key, value as RunSummary);
      for (const key of removed) runs.delete(key);
      const summaries = changed.map(({ value }) => value as RunSummary);
      tell(() => observer.runs(summaries, removed));
    },
    onWindow: () => tell(() => observer.loaded?.()),
    onEnd: (error) => {
      unlisten();
      tell(() => observer.ended?.(error));
    },
  });
  tell(() => observer.state(client.connection.state));
  return {
    projectId,
    runs,
    close: () => {
      unlisten();
      watch.close();
    },
  };
}
