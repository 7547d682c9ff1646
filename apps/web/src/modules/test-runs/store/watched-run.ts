import { type TestcastClient, type TestcastError, watchRun } from '@testcast/client';
import type { RunRef, RunSummary } from '@testcast/contracts';
import { RunStore } from './run-store.ts';
import { RunningTests } from './running-tests.ts';

export interface RunView {
  readonly summary?: RunSummary | undefined;
  /** Rows of the snapshot that have arrived, and whether they are all. */
  readonly loaded: number;
  readonly done: boolean;
  readonly ended?: TestcastError | undefined;
}

/** One run as it is watched, outside of React: its tests in a store, the rest as a value that changes. */
export class WatchedRun {
  readonly tests = new RunStore();
  readonly running = new RunningTests();
  private current: RunView = { loaded: 0, done: false };
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly client: TestcastClient,
    readonly ref: RunRef,
  ) {}

  readonly view = (): RunView => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Watches until the returned function is called. */
  open(): () => void {
    const watch = watchRun(this.client, this.ref, {
      rows: (changed) => {
        for (const row of changed) this.running.update(row);
        this.tests.apply(changed);
      },
      summary: (summary) => {
        this.tests.setOver(summary.status !== 'running');
        this.show({ summary });
      },
      loading: ({ loaded, done }) => this.show({ loaded, done }),
      reset: () => {
        this.running.clear();
        this.tests.reset();
      },
      state: () => undefined,
      ended: (ended) => this.show({ ended }),
    });
    return () => watch.close();
  }

  private show(part: Partial<RunView>): void {
    this.current = { ...this.current, ...part };
    for (const listener of this.listeners) listener();
  }
}
