import {
  foldTest,
  isTestEvent,
  type RoomEvent,
  type RunSummary,
  type TestRow,
  type TestsPage,
} from '@testcast/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StreamCursor } from '../connection/stream-cursor.ts';
import { RunRows } from './run-rows.ts';

type Kind = 'planned' | 'started' | 'passed' | 'failed' | 'end' | 'reopen';
const keys = ['Aa', 'Zz', '_x', 'a0', 'b-', 'zz'];

function eventOf(offset: number, kind: Kind, testKey: string, attempt = 1): RoomEvent {
  const common = { offset, eventId: `e${offset}`, at: offset };
  if (kind === 'end') return { ...common, type: 'run.finished', data: {} };
  if (kind === 'reopen') return { ...common, type: 'run.reopened', data: { reason: 'shard' } };
  const test = { testKey, testId: testKey, variant: '', shardId: '', rerun: 1 };
  if (kind === 'planned') return { ...common, type: 'test.planned', data: { ...test, title: `title ${offset}` } };
  if (kind === 'started') return { ...common, type: 'test.started', data: { ...test, attempt } };
  return { ...common, type: 'test.finished', data: { ...test, attempt, status: kind, durationMs: offset } };
}

/** What the log says after its first `version` events: the judge of everything below. */
function fold(log: readonly RoomEvent[], version = log.length): { rows: TestRow[]; endOffset: number | undefined } {
  const rows = new Map<string, TestRow>();
  for (const row of historyOf(log.slice(0, version)).values()) rows.set(row.testKey, row);
  const end = log.slice(0, version).findLast(({ type }) => type.startsWith('run.'));
  const endOffset = end?.type === 'run.finished' ? end.offset : undefined;
  return { rows: [...rows.values()].sort((a, b) => compare(a.testKey, b.testKey)), endOffset };
}

/** Offset of each event of a test to that test's row after it. */
function historyOf(log: readonly RoomEvent[]): Map<number, TestRow> {
  const rows = new Map<string, TestRow>();
  const history = new Map<number, TestRow>();
  let endOffset: number | undefined;
  for (const event of log) {
    if (event.type === 'run.finished') endOffset = event.offset;
    else if (event.type === 'run.reopened') endOffset = undefined;
    if (!isTestEvent(event)) continue;
    const row = foldTest(rows.get(event.data.testKey), event, endOffset !== undefined && event.offset > endOffset);
    rows.set(row.testKey, row);
    history.set(event.offset, row);
  }
  return history;
}

function pageOf(log: readonly RoomEvent[], asOf: number, after: string, limit: number, order = compare): TestsPage {
  const { rows, endOffset } = fold(log, asOf);
  const left = rows.sort((a, b) => order(a.testKey, b.testKey)).filter(({ testKey }) => order(testKey, after) > 0);
  const items = left.slice(0, limit);
  return { epoch: 's.1', asOf, endOffset, items, next: left.length > limit ? items.at(-1)!.testKey : null };
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
const sorted = (rows: RunRows): TestRow[] => [...rows.rows.values()].sort((a, b) => compare(a.testKey, b.testKey));

const logs = fc
  .array(
    fc.record({
      kind: fc.constantFrom<Kind>('planned', 'started', 'passed', 'failed', 'failed', 'passed', 'end', 'reopen'),
      key: fc.constantFrom(...keys),
      attempt: fc.integer({ min: 1, max: 2 }),
    }),
    { minLength: 10, maxLength: 40, size: 'max' },
  )
  .map((entries) => {
    let ended = false;
    const possible = entries.filter(({ kind }) => {
      if (kind !== 'end' && kind !== 'reopen') return true;
      if ((kind === 'end') === ended) return false;
      ended = !ended;
      return true;
    });
    return possible.map(({ kind, key, attempt }, index) => eventOf(index + 1, kind, key, attempt));
  });

describe('the rows of a run, joined from a snapshot and what follows it', () => {
  const plan = fc.record({
    log: logs,
    // Early, so that much happens between the first page and the last.
    asOf: fc.nat({ max: 8 }),
    limit: fc.integer({ min: 1, max: 2 }),
    // Each step loads a page that reflects `by` more events than the one before, or delivers a frame of `by` events that
    // begins `back` events before what has come (a repeat) or `lost` after it (a cut).
    steps: fc.array(
      fc.record({
        page: fc.boolean(),
        by: fc.integer({ min: 0, max: 6 }),
        back: fc.integer({ min: 0, max: 3 }),
        lost: fc.integer({ min: 0, max: 2 }),
      }),
      { minLength: 4, maxLength: 40, size: 'max' },
    ),
    locale: fc.boolean(),
  });

  it('are the fold of all events, whatever comes first, again or not at all at first, however late a page was read, in whatever order keys are paged', () => {
    fc.assert(
      fc.property(plan, ({ log, asOf, limit, steps, locale }) => {
        // Some databases sort text by language; the client must not rely on its own order being theirs.
        const order = locale ? (a: string, b: string) => a.localeCompare(b, 'en') || compare(a, b) : compare;
        const first = pageOf(log, asOf % (log.length + 1), '', limit, order);
        const rows = new RunRows(first);
        rows.page(first);
        const history = historyOf(log);
        const checked = new WeakSet<TestRow>();
        let { next, asOf: readTo } = first;
        const cursor = new StreamCursor(first.asOf, first.epoch);
        const deliver = (by: number, back: number, lost: number): void => {
          const from = Math.max(0, cursor.offset! - back + lost);
          const { next: fresh, gap } = cursor.take(log.slice(from, from + by));
          expect(gap).toBe(by > 0 && lost > back && from < log.length);
          rows.events(fresh);
        };
        /** False when every page is there. */
        const load = (by: number): boolean => {
          if (next === null) return false;
          readTo = Math.min(log.length, readTo + by);
          const page = pageOf(log, readTo, next, limit, order);
          rows.page(page);
          next = page.next;
          return true;
        };
        for (const { page, by, back, lost } of steps) {
          if (page) load(by);
          else deliver(by, back, lost);
          // Meanwhile each row is what the log says as of the row's version: never older events on a newer row. (Where
          // the pages come in another order, a row may be shown before its page until that has been noticed.)
          if (locale) continue;
          const fresh = [...rows.rows.values()].filter((row) => !checked.has(row));
          expect(fresh).toEqual(fresh.map(({ version }) => history.get(version)));
          for (const row of fresh) checked.add(row);
        }
        while (load(1));
        deliver(log.length, 0, 0);
        expect(sorted(rows)).toEqual(fold(log).rows);
      }),
      { numRuns: 300 },
    );
  });

  it('tell of every change, so that a copy kept by the observer is the same', () => {
    fc.assert(
      fc.property(logs, fc.nat(), fc.integer({ min: 1, max: 3 }), (log, at, limit) => {
        const first = pageOf(log, at % (log.length + 1), '', limit);
        const rows = new RunRows(first);
        const copy = new Map<string, TestRow>();
        const tell = (changed: readonly TestRow[]): void => changed.forEach((row) => copy.set(row.testKey, row));
        tell(rows.page(first));
        let { next } = first;
        for (const event of log.slice(first.asOf)) {
          tell(rows.events([event]));
          if (next === null) continue;
          const page = pageOf(log, event.offset, next, limit);
          tell(rows.page(page));
          next = page.next;
        }
        for (; next !== null;) {
          const page = pageOf(log, log.length, next, limit);
          tell(rows.page(page));
          next = page.next;
        }
        expect([...copy.values()].sort((a, b) => compare(a.testKey, b.testKey))).toEqual(fold(log).rows);
      }),
      { numRuns: 200 },
    );
  });
});

it('shows a new test at once when the pages have passed its key, and another only with its page', () => {
  const log = [eventOf(1, 'passed', 'Aa'), eventOf(2, 'passed', 'b-'), eventOf(3, 'passed', 'zz')];
  const first = pageOf(log, 3, '', 2);
  const rows = new RunRows(first);
  rows.page(first);
  expect(rows.events([eventOf(4, 'failed', 'a0')]).map(({ testKey }) => testKey)).toEqual(['a0']);
  expect(rows.events([eventOf(5, 'failed', 'zz', 2)])).toEqual([]);
  const [row] = rows.page(pageOf(log, 3, first.next!, 2));
  expect(row).toMatchObject({ testKey: 'zz', version: 5, outcome: 'failed' });
});

it('takes the end of a run from its summary where the snapshot is silent about it', () => {
  const summary = { status: 'failed', version: 7 } as RunSummary;
  const late = (rows: RunRows): boolean | undefined => rows.events([eventOf(8, 'failed', 'Aa')])[0]?.attempts[0]?.late;
  const joined = (asOf: number): RunRows => {
    const rows = new RunRows({ asOf });
    rows.page({ items: [], next: null });
    rows.noteSummary(summary);
    return rows;
  };
  expect(late(joined(7))).toBe(true);
  // The summary is older than the snapshot: the run may have been reopened in between.
  expect(late(joined(8))).toBeUndefined();
  const reopened = joined(6);
  reopened.events([eventOf(7, 'reopen', '')]);
  expect(late(reopened)).toBeUndefined();
});
