import type { Grants, TestcastClient } from '@testcast/client';
import { rooms, type RunSummary } from '@testcast/contracts';

export interface NewestView {
  /** By projectId. */
  readonly runs: ReadonlyMap<string, RunSummary>;
  /** Whether the project is watched, so that one without a run here has none. */
  readonly isWatched: (projectId: string) => boolean;
}

/** Rooms of single projects: a connection may be in 100. */
const mostRooms = 50;
const everything = '*';

/**
 * The newest run of each project outside of React: from one room where somebody may read everything, else from the rooms
 * of the first projects that they may read.
 */
export class NewestRuns {
  private readonly rows = new Map<string, RunSummary>();
  /** Of which the whole window has arrived: projectIds, or `*`. */
  private readonly whole = new Set<string>();
  private current: NewestView = { runs: new Map(), isWatched: () => false };
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly client: TestcastClient,
    private readonly grants: Grants,
  ) {}

  readonly view = (): NewestView => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Watches until the returned function is called. */
  open(): () => void {
    const scopes = this.grants[everything] === undefined ? Object.keys(this.grants).slice(0, mostRooms) : [everything];
    const closes = scopes.map((scope) => this.watch(scope));
    return () => {
      for (const close of closes) close();
    };
  }

  private watch(scope: string): () => void {
    const room = scope === everything ? rooms.newestRuns() : rooms.project(scope);
    const watch = this.client.connection.watchState(room, {
      onItems: (changed, removed) => {
        for (const { key, value } of changed) this.rows.set(`${room} ${key}`, value as RunSummary);
        for (const key of removed) this.rows.delete(`${room} ${key}`);
        this.show();
      },
      onWindow: () => {
        this.whole.add(scope);
        this.show();
      },
      onEnd: () => {
        this.whole.delete(scope);
        for (const key of this.rows.keys()) if (key.startsWith(`${room} `)) this.rows.delete(key);
        this.show();
      },
    });
    return () => watch.close();
  }

  private show(): void {
    this.current = {
      runs: newestByProject(this.rows.values()),
      isWatched: (projectId) => this.whole.has(everything) || this.whole.has(projectId),
    };
    for (const listener of this.listeners) listener();
  }
}

/** The run of each project that began last. */
export function newestByProject(runs: Iterable<RunSummary>): Map<string, RunSummary> {
  const newest = new Map<string, RunSummary>();
  for (const run of runs) {
    const known = newest.get(run.projectId);
    if (known === undefined || isNewer(run, known)) newest.set(run.projectId, run);
  }
  return newest;
}

function isNewer(a: RunSummary, b: RunSummary): boolean {
  return a.startedAt > b.startedAt || (a.startedAt === b.startedAt && a.runId > b.runId);
}

export interface ListedProject {
  readonly projectId: string;
  readonly name: string;
}

/** The projects that were read, and those that have a run and were not: a first report makes its project. By id. */
export function withNewProjects(
  read: readonly ListedProject[],
  runs: ReadonlyMap<string, RunSummary>,
): readonly ListedProject[] {
  const known = new Set(read.map(({ projectId }) => projectId));
  const made = [...runs.keys()].filter((projectId) => !known.has(projectId));
  if (made.length === 0) return read;
  return [...read, ...made.map((projectId) => ({ projectId, name: projectId }))].sort((a, b) =>
    a.projectId < b.projectId ? -1 : 1,
  );
}
