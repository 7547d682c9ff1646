import {
  foldTest,
  isTestEvent,
  type RoomEvent,
  type RunSummary,
  type TestEvent,
  type TestRow,
  type TestsPage,
} from '@testcast/contracts';

interface Kept {
  event: TestEvent;
  late: boolean;
}

const endings = new Set(['run.finished', 'run.interrupted', 'run.cancelled']);

/**
 * The rows of a run, joined from the pages of a snapshot and the events after its first page, in whatever order the two
 * come. Pure. An event applies to a row only when its offset is higher than the row's version, so a page that was read
 * later than the first one, and reflects some of the events already, counts nothing twice.
 */
export class RunRows {
  readonly rows = new Map<string, TestRow>();
  /** Events of tests that no page has brought, until the last page is there. */
  private readonly kept = new Map<string, Kept[]>();
  /** Every testKey up to this one has had its page. */
  private passed = '';
  /** The server pages by the order of code units; were it another one, `passed` would mean nothing. */
  private ordered = true;
  private complete = false;
  /** Offset of the event that ended the run; undefined while it runs. */
  private endOffset: number | undefined;
  private endKnown = false;
  private readonly asOf: number;
  private summary: RunSummary | undefined;

  constructor(first: Pick<TestsPage, 'asOf' | 'endOffset'>) {
    this.asOf = first.asOf;
    this.endOffset = first.endOffset;
    this.endKnown = first.endOffset !== undefined;
  }

  get size(): number {
    return this.rows.size;
  }

  /** Takes one page; the rows that are new or have changed. */
  page({ items, next }: Pick<TestsPage, 'items' | 'next'>): TestRow[] {
    const changed: TestRow[] = [];
    for (const item of items) {
      if (item.testKey <= this.passed) this.ordered = false;
      this.passed = item.testKey;
      changed.push(this.takeRow(item));
    }
    if (next === null) this.complete = true;
    for (const [testKey, events] of this.kept) {
      if (!this.isPassed(testKey)) continue;
      // The keyset has gone by without this test: it is new, and its events are all there.
      if (!this.rows.has(testKey)) changed.push(this.put(foldAll(undefined, events)));
      if (this.complete) this.kept.delete(testKey);
    }
    return changed;
  }

  /** Takes the events of a frame, in order; the rows that are new or have changed, each once. */
  events(events: readonly RoomEvent[]): TestRow[] {
    const changed = new Map<string, TestRow>();
    for (const event of events) {
      this.noteEnd(event);
      if (!isTestEvent(event)) continue;
      const row = this.event(event);
      if (row !== undefined) changed.set(row.testKey, row);
    }
    return [...changed.values()];
  }

  /** Tells whether the run had ended where the snapshot did not say so. */
  noteSummary(summary: RunSummary): void {
    this.summary = summary;
  }

  private event(event: TestEvent): TestRow | undefined {
    const { testKey } = event.data;
    const row = this.rows.get(testKey);
    const next = { event, late: this.isLate(event.offset) };
    // Rows that were made of events alone keep them too: were the pages in another order, the real row is yet to come.
    const kept = this.kept.get(testKey);
    if (kept !== undefined) kept.push(next);
    else if (row === undefined && !this.complete) this.kept.set(testKey, [next]);
    if (row === undefined && !this.isPassed(testKey)) return undefined;
    if (row !== undefined && event.offset <= row.version) return undefined;
    return this.put(foldTest(row, event, next.late));
  }

  private takeRow(item: TestRow): TestRow {
    const kept = this.kept.get(item.testKey) ?? [];
    this.kept.delete(item.testKey);
    const row = foldAll(item, kept);
    const known = this.rows.get(item.testKey);
    return known !== undefined && known.version > row.version ? known : this.put(row);
  }

  private put(row: TestRow): TestRow {
    this.rows.set(row.testKey, row);
    return row;
  }

  private isPassed(testKey: string): boolean {
    return this.complete || (this.ordered && testKey <= this.passed);
  }

  private noteEnd({ type, offset }: RoomEvent): void {
    if (endings.has(type)) this.endOffset = offset;
    else if (type === 'run.reopened') this.endOffset = undefined;
    else return;
    this.endKnown = true;
  }

  private isLate(offset: number): boolean {
    if (this.endKnown) return this.endOffset !== undefined && offset > this.endOffset;
    // An older summary than the snapshot would miss that the run was reopened in between.
    const { summary } = this;
    if (summary === undefined || summary.version < this.asOf) return false;
    return summary.status !== 'running' && offset > summary.version;
  }
}

function foldAll(row: TestRow | undefined, events: readonly Kept[]): TestRow {
  let folded = row;
  for (const { event, late } of events) {
    if (folded === undefined || event.offset > folded.version) folded = foldTest(folded, event, late);
  }
  return folded!;
}
