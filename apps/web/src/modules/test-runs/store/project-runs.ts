import { type ConnectionState, type TestcastClient, type TestcastError, watchProject } from '@testcast/client';
import type { RunStatus, RunSummary } from '@testcast/contracts';

export interface RunsFilter {
  readonly branch?: string | undefined;
  readonly status?: RunStatus | undefined;
  readonly q?: string | undefined;
}

export interface ProjectView {
  readonly runs: ReadonlyMap<string, RunSummary>;
  /** The whole window has arrived once. */
  readonly loaded: boolean;
  readonly ended?: TestcastError | undefined;
}

/** The live runs of a project outside of React. */
export class ProjectRuns {
  private current: ProjectView = { runs: new Map(), loaded: false };
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly client: TestcastClient,
    private readonly projectId: string,
  ) {}

  readonly view = (): ProjectView => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Watches until the returned function is called. */
  open(): () => void {
    const watch = watchProject(this.client, this.projectId, {
      runs: (changed, removed) => {
        const runs = new Map(this.current.runs);
        for (const run of changed) runs.set(run.runId, run);
        for (const runId of removed) runs.delete(runId);
        this.show({ runs });
      },
      loaded: () => this.show({ loaded: true }),
      state: (_state: ConnectionState) => undefined,
      ended: (error) => this.show({ ended: error }),
    });
    return () => watch.close();
  }

  private show(part: Partial<ProjectView>): void {
    this.current = { ...this.current, ...part };
    for (const listener of this.listeners) listener();
  }
}

/** Whether a run is one that the filter asks for; the server looks through the same fields. */
export function matchesFilter(run: RunSummary, { branch, status, q }: RunsFilter): boolean {
  if (status !== undefined && run.status !== status) return false;
  if (branch !== undefined && run.branch !== branch) return false;
  if (q === undefined) return true;
  const fields = [run.runId, run.name, run.branch, run.commit, run.commitMessage, run.author, ...(run.tags ?? [])];
  if (run.pullRequest !== undefined) fields.push(`#${run.pullRequest.number}`);
  const wanted = q.toLowerCase();
  return fields.some((field) => field?.toLowerCase().includes(wanted) === true);
}

/** The runs of the window and of older pages, each once and as it is now: running ones first, then the newest. */
export function mergeRuns(
  live: ReadonlyMap<string, RunSummary>,
  older: readonly RunSummary[],
  filter: RunsFilter,
): RunSummary[] {
  const merged = new Map<string, RunSummary>();
  for (const run of older) merged.set(run.runId, run);
  for (const run of live.values()) {
    const known = merged.get(run.runId);
    // What the server found stays found (it looks further than the page does), unless its status has changed since.
    const matches = matchesFilter(run, known === undefined ? filter : { status: filter.status });
    if (!matches) merged.delete(run.runId);
    else if (known === undefined || known.version <= run.version) merged.set(run.runId, run);
  }
  return [...merged.values()].sort(
    (a, b) =>
      Number(b.status === 'running') - Number(a.status === 'running') ||
      b.startedAt - a.startedAt ||
      (a.runId < b.runId ? 1 : -1),
  );
}
