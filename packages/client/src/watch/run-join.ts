import { rooms, type RoomEvent, type RunRef, type RunSummary, type TestRow, type TestsPage } from '@testcast/contracts';
import { Backoff } from '../connection/backoff.ts';
import type { StreamWatch } from '../connection/stream-subscription.ts';
import { tell } from '../connection/subscription.ts';
import type { TestcastClient } from '../testcast-client.ts';
import { asTestcastError, TestcastError } from '../testcast-error.ts';
import { RunRows } from './run-rows.ts';
import type { RunObserver } from './run-observer.ts';

const pageRows = 1000;

/** The snapshot's history is not the one that is being watched: begin again. */
class SnapshotOutdated extends Error {}

/**
 * Joins snapshot and stream of one run: the first page says from where to watch, the other pages load meanwhile. When
 * the room's past is lost it takes a new snapshot and goes on.
 */
export class RunJoin {
  private readonly client: TestcastClient;
  private readonly ref: RunRef;
  private readonly observer: RunObserver;
  private readonly onEnd: (error: TestcastError) => void;
  private readonly aborted = new AbortController();
  private readonly restarts = new Backoff();
  private state = new RunRows({ asOf: 0 });
  private stream: StreamWatch | undefined;
  private summary: RunSummary | undefined;
  /** Counts the snapshots: what an earlier one still brings is passed over. */
  private generation = 0;

  constructor(client: TestcastClient, ref: RunRef, observer: RunObserver, onEnd: (error: TestcastError) => void) {
    this.client = client;
    this.ref = ref;
    this.observer = observer;
    this.onEnd = onEnd;
  }

  get rows(): ReadonlyMap<string, TestRow> {
    return this.state.rows;
  }

  noteSummary(summary: RunSummary): void {
    this.summary = summary;
    this.state.noteSummary(summary);
  }

  close(): void {
    this.aborted.abort();
    this.generation += 1;
    this.stream?.close();
  }

  /** Takes a snapshot and watches from it; settles when the snapshot is whole, given up or outdated. Never throws. */
  async run(): Promise<void> {
    this.generation += 1;
    const mine = this.generation;
    try {
      const first = await this.fetchFirst(mine);
      if (mine !== this.generation) return;
      this.begin(mine, first);
      await this.loadRest(mine, first);
    } catch (error) {
      if (mine !== this.generation) return;
      if (error instanceof SnapshotOutdated) void this.restart();
      else this.onEnd(asTestcastError(error));
    }
  }

  private begin(mine: number, first: TestsPage): void {
    if (mine > 1) tell(() => this.observer.reset());
    this.state = new RunRows(first);
    if (this.summary !== undefined) this.state.noteSummary(this.summary);
    this.show(first);
    this.stream = this.client.connection.watchStream(rooms.run(this.ref.projectId, this.ref.runId), {
      offset: first.asOf,
      epoch: first.epoch === '' ? undefined : first.epoch,
      onEvents: (events) => this.onEvents(events),
      onReset: () => void this.restart(),
      onEnd: (error) => this.onEnd(error),
    });
  }

  private async loadRest(mine: number, first: TestsPage): Promise<void> {
    let { next } = first;
    while (next !== null) {
      const page = await this.fetch(mine, next, first);
      if (mine !== this.generation) return;
      this.show(page);
      next = page.next;
    }
  }

  private show(page: TestsPage): void {
    const changed = this.state.page(page);
    if (changed.length > 0) tell(() => this.observer.rows(changed));
    tell(() => this.observer.loading({ loaded: this.state.size, done: page.next === null }));
  }

  private onEvents(events: readonly RoomEvent[]): void {
    const changed = this.state.events(events);
    if (changed.length > 0) tell(() => this.observer.rows(changed));
    if (this.observer.event === undefined) return;
    for (const event of events) tell(() => this.observer.event!(event));
  }

  // A run whose snapshots are outdated each time they are taken must not be asked for in a loop.
  private async restart(): Promise<void> {
    this.generation += 1;
    const mine = this.generation;
    this.stream?.close();
    await this.pause(this.restarts.next());
    if (mine === this.generation) await this.run();
  }

  private async fetchFirst(mine: number): Promise<TestsPage> {
    try {
      return await this.fetch(mine);
    } catch (error) {
      // Not begun yet: its room is empty, at 0, and tells everything from the first event on.
      if (!(error instanceof TestcastError) || error.code !== 'run.unknown') throw error;
      return { epoch: '', asOf: 0, items: [], next: null };
    }
  }

  /** One page, asked for until there is an answer; `first` is what it must belong to. */
  private async fetch(mine: number, after?: string, first?: TestsPage): Promise<TestsPage> {
    const backoff = new Backoff();
    for (;;) {
      try {
        const query = { after, limit: pageRows };
        const page = await this.client.http.getTests(this.ref, query, { signal: this.aborted.signal });
        if (first === undefined) return page;
        if (page.epoch !== first.epoch) throw new SnapshotOutdated();
        // Read from a replica that is behind the first page: events between the two would be missing for good.
        if (page.asOf >= first.asOf) return page;
        await this.pause(backoff.next());
      } catch (error) {
        if (mine !== this.generation) throw error;
        if (!(error instanceof TestcastError) || !error.temporary) throw error;
        await this.pause(backoff.next(error.retryAfterMs));
      }
      if (mine !== this.generation) throw new SnapshotOutdated();
    }
  }

  private async pause(ms: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
}
