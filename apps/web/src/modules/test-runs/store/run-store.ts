import { type RunCounts, type TestRow, attemptCount } from '@testcast/contracts';
import { type FailureGroup, FailureGroups } from './failure-groups.ts';
import { naturalOrder } from './natural-order.ts';
import { type ShownOutcome, shownOutcomeOf } from './shown-outcome.ts';
import { SortedKeys } from './sorted-keys.ts';

export interface TestFilter {
  readonly outcome?: ShownOutcome | undefined;
  /** Lower case; empty = everything. */
  readonly search: string;
}

/** How much script a frame may take, milliseconds: half of what the page allows itself, since React renders too. */
const frameBudgetMs = 4;

type Listener = () => void;

/**
 * The tests of one run outside of React: components subscribe to a row or to the list. Changes are applied at most once
 * a frame, at once when the page was idle and at the end of what follows, so that a thousand results a second never hold
 * a frame. A hidden tab gets no frames; its queue is bounded by the number of tests, since the latest row per test wins.
 */
export class RunStore {
  private readonly rows = new Map<string, TestRow>();
  private readonly order = new SortedKeys((a, b) => this.compare(a, b));
  private readonly matching = new SortedKeys((a, b) => this.compare(a, b));
  private readonly groups = new FailureGroups();
  private readonly pending = new Map<string, TestRow>();
  private readonly rowListeners = new Map<string, Set<Listener>>();
  private readonly listListeners = new Set<Listener>();
  private filter: TestFilter = { search: '' };
  private frame: number | undefined;
  private groupList: readonly FailureGroup[] = [];
  private countsNow: RunCounts = emptyCounts();
  private runningNow = 0;
  private over = false;
  private durationNow = 0;
  private listVersion = 0;

  constructor(
    private readonly requestFrame: (callback: () => void) => number = (callback) => requestAnimationFrame(callback),
  ) {}

  /** Rows as they are now; an older version of a row is ignored. */
  apply(rows: readonly TestRow[]): void {
    for (const row of rows) this.pending.set(row.testKey, row);
    if (this.frame === undefined) this.flush();
  }

  reset(): void {
    this.pending.clear();
    this.rows.clear();
    this.order.clear();
    this.matching.clear();
    this.groups.clear();
    this.groupList = [];
    this.countsNow = emptyCounts();
    this.runningNow = 0;
    this.durationNow = 0;
    this.tellList();
    this.tellRows();
  }

  setFilter(filter: TestFilter): void {
    if (filter.outcome === this.filter.outcome && filter.search === this.filter.search) return;
    this.filter = filter;
    this.matching.clear();
    if (this.filtered) this.matching.insert(this.order.all.filter((key) => this.matches(this.rows.get(key)!)));
    this.tellList();
  }

  setOver(over: boolean): void {
    if (over === this.over) return;
    this.over = over;
    if (this.filtered) this.refilter([], this.order.all);
    this.tellList();
    this.tellRows();
  }

  row(testKey: string): TestRow | undefined {
    return this.rows.get(testKey);
  }

  shownOutcome(testKey: string): ShownOutcome | undefined {
    const row = this.rows.get(testKey);
    return row && shownOutcomeOf(row, this.over);
  }

  /** Keys that pass the filter, by file, suite and title. */
  get keys(): SortedKeys {
    return this.filtered ? this.matching : this.order;
  }

  get failureGroups(): readonly FailureGroup[] {
    return this.groupList;
  }

  get counts(): RunCounts {
    return this.countsNow;
  }

  /** How many of the pending ones run now. */
  get running(): number {
    return this.over ? 0 : this.runningNow;
  }

  /** What all tests took together, milliseconds, each by the attempt that decides. */
  get durationMs(): number {
    return this.durationNow;
  }

  /** Changes whenever a row came, moved between outcomes, or the filter changed. */
  readonly version = (): number => this.listVersion;

  readonly subscribeList = (listener: Listener): (() => void) => {
    this.listListeners.add(listener);
    return () => this.listListeners.delete(listener);
  };

  subscribeRow(testKey: string, listener: Listener): () => void {
    const listeners = this.rowListeners.get(testKey) ?? new Set();
    listeners.add(listener);
    this.rowListeners.set(testKey, listeners);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.rowListeners.delete(testKey);
    };
  }

  private get filtered(): boolean {
    return this.filter.outcome !== undefined || this.filter.search !== '';
  }

  private flush(): void {
    const until = performance.now() + frameBudgetMs;
    const added: string[] = [];
    const changed: string[] = [];
    let applied = 0;
    for (const [testKey, row] of this.pending) {
      this.pending.delete(testKey);
      const before = this.rows.get(testKey);
      if (before !== undefined && before.version > row.version) continue;
      this.replace(before, row);
      (before === undefined ? added : changed).push(testKey);
      if ((++applied & 31) === 0 && performance.now() > until) break;
    }
    if (applied > 0) this.settle(added, changed);
    // The next frame takes what came meanwhile; without anything the page is idle again and the next row goes in at once.
    this.frame =
      applied === 0 && this.pending.size === 0
        ? undefined
        : this.requestFrame(() => {
            this.frame = undefined;
            this.flush();
          });
  }

  private replace(before: TestRow | undefined, row: TestRow): void {
    const counts = this.countsNow;
    this.countsNow = {
      ...counts,
      tests: counts.tests + (before === undefined ? 1 : 0),
      attempts: counts.attempts + attemptCount(row) - (before === undefined ? 0 : attemptCount(before)),
    };
    if (before !== undefined) this.countsNow[before.outcome] -= 1;
    this.countsNow[row.outcome] += 1;
    this.runningNow += runs(row) - (before === undefined ? 0 : runs(before));
    this.durationNow += (row.durationMs ?? 0) - (before?.durationMs ?? 0);
    this.rows.set(row.testKey, row);
  }

  private settle(added: readonly string[], changed: readonly string[]): void {
    this.order.insert(added);
    let regrouped = false;
    for (const key of [...added, ...changed]) regrouped = this.groups.update(this.rows.get(key)!) || regrouped;
    if (regrouped) this.groupList = this.groups.list();
    if (this.filtered) this.refilter(added, changed);
    this.tellList();
    for (const key of changed) for (const listener of this.rowListeners.get(key) ?? []) listener();
  }

  private refilter(added: readonly string[], changed: readonly string[]): void {
    this.matching.insert(added.filter((key) => this.matches(this.rows.get(key)!)));
    for (const key of changed) {
      const matches = this.matches(this.rows.get(key)!);
      if (matches === this.matching.has(key)) continue;
      if (matches) this.matching.insert([key]);
      else this.matching.remove(key);
    }
  }

  private matches(row: TestRow): boolean {
    const { outcome, search } = this.filter;
    if (outcome !== undefined && shownOutcomeOf(row, this.over) !== outcome) return false;
    return search === '' || row.testId.toLowerCase().includes(search) || row.title.toLowerCase().includes(search);
  }

  // Only what never changes takes part, so that a row keeps its place for as long as it lives.
  private compare(a: string, b: string): number {
    if (a === b) return 0;
    const [one, other] = [this.rows.get(a)!, this.rows.get(b)!];
    return naturalOrder(one.testId, other.testId) || naturalOrder(one.variant, other.variant) || (a < b ? -1 : 1);
  }

  private tellList(): void {
    this.listVersion += 1;
    for (const listener of this.listListeners) listener();
  }

  private tellRows(): void {
    for (const listeners of this.rowListeners.values()) for (const listener of listeners) listener();
  }
}

const runs = (row: TestRow): number => Number(shownOutcomeOf(row, false) === 'running');

function emptyCounts(): RunCounts {
  return { tests: 0, passed: 0, failed: 0, flaky: 0, skipped: 0, pending: 0, attempts: 0 };
}
