import type { Outcome, TestRow } from '@testcast/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RunStore } from './run-store.ts';
import type { ShownOutcome } from './shown-outcome.ts';

function row(id: string, outcome: Outcome, version: number, message = 'boom'): TestRow {
  return {
    testKey: `key-${id}`,
    testId: id,
    variant: '',
    title: id,
    suite: [],
    outcome,
    running: false,
    attempts: [],
    version,
    ...(outcome === 'failed' ? { error: { message } } : {}),
  };
}

/** A store whose frames come when the test says so. */
function newStore(): { store: RunStore; frames: () => void } {
  const waiting: (() => void)[] = [];
  const store = new RunStore((callback) => waiting.push(callback));
  return {
    store,
    frames: () => {
      while (waiting.length > 0) waiting.shift()!();
    },
  };
}

describe('the run store', () => {
  it('applies the first change at once and the rest with the next frame', () => {
    const { store, frames } = newStore();
    store.apply([row('a', 'passed', 1)]);
    store.apply([row('b', 'passed', 2)]);
    expect(store.keys.all).toEqual(['key-a']);
    frames();
    expect(store.keys.all).toEqual(['key-a', 'key-b']);
  });

  it('ignores a row that is older than the one it has', () => {
    const { store, frames } = newStore();
    store.apply([row('a', 'failed', 5)]);
    store.apply([row('a', 'pending', 3)]);
    frames();
    expect(store.row('key-a')!.outcome).toBe('failed');
  });

  it('groups failures that differ only in numbers and quoted values', () => {
    const { store, frames } = newStore();
    store.apply([
      row('a', 'failed', 1, 'expected 3 to be "x"'),
      row('b', 'failed', 2, "expected 41 to be 'y'"),
      row('c', 'failed', 3, 'timeout'),
    ]);
    frames();
    expect(store.failureGroups.map(({ keys }) => keys)).toEqual([['key-a', 'key-b'], ['key-c']]);
    store.apply([row('a', 'flaky', 4)]);
    frames();
    expect(store.failureGroups.map(({ keys }) => keys)).toEqual([['key-b'], ['key-c']]);
  });

  it('counts and finds what runs apart from what waits, and nothing as running once the run is over', () => {
    const { store, frames } = newStore();
    store.apply([
      row('waits', 'pending', 1),
      { ...row('runs', 'pending', 2), running: true },
      { ...row('again', 'failed', 3), running: true },
    ]);
    frames();
    const found = (outcome: ShownOutcome): readonly string[] => {
      store.setFilter({ outcome, search: '' });
      return store.keys.all;
    };
    expect(store.running).toBe(1);
    expect(found('pending')).toEqual(['key-waits']);
    expect(found('failed')).toEqual(['key-again']);
    expect(found('running')).toEqual(['key-runs']);
    store.setOver(true);
    expect(store.keys.all).toEqual([]);
    expect(store.running).toBe(0);
    expect(found('pending')).toEqual(['key-runs', 'key-waits']);
    expect(store.shownOutcome('key-runs')).toBe('pending');
  });

  it('shows what any order of updates and filters should leave: counts, order and matches of the latest rows', () => {
    const outcomes: Outcome[] = ['passed', 'failed', 'flaky', 'skipped', 'pending'];
    const update = fc.tuple(fc.integer({ min: 0, max: 80 }), fc.constantFrom(...outcomes));
    const step = fc.oneof(
      fc.array(update, { maxLength: 60 }),
      fc.constantFrom<Outcome | undefined>(undefined, ...outcomes),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const { store, frames } = newStore();
        const latest = new Map<string, TestRow>();
        let version = 0;
        let filter: Outcome | undefined;
        for (const some of steps) {
          if (!Array.isArray(some)) store.setFilter({ outcome: (filter = some), search: '' });
          else {
            const rows = some.map(([n, outcome]) => row(`t${n}`, outcome, ++version));
            for (const one of rows) latest.set(one.testKey, one);
            store.apply(rows);
          }
        }
        frames();
        const expected = [...latest.values()].filter(({ outcome }) => filter === undefined || outcome === filter);
        expect(store.keys.all).toEqual(
          expected.map(({ testKey }) => testKey).sort((a, b) => Number(a.slice(5)) - Number(b.slice(5))),
        );
        for (const outcome of outcomes) {
          expect(store.counts[outcome]).toBe([...latest.values()].filter((one) => one.outcome === outcome).length);
        }
        const failed = [...latest.values()].filter(({ outcome }) => outcome === 'failed').length;
        expect(store.failureGroups.flatMap(({ keys }) => keys)).toHaveLength(failed);
      }),
    );
  });
});
