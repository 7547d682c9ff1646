import { useNavigate } from '@tanstack/react-router';
import { type RefObject, useCallback, useEffect, useSyncExternalStore } from 'react';
import { formatCount } from '../../../format/count.ts';
import { SearchField } from '../search-field.tsx';
import type { RunSearch } from '../search-params.ts';
import styles from './test-list.module.css';
import { TestRows } from './test-rows.tsx';
import { useRunView, useWatchedRun } from './watched-run-context.ts';

/** All tests, by file, suite and title, as many as there are. */
export function TestList({
  filter,
  searchRef,
  listRef,
}: {
  filter: RunSearch;
  searchRef: RefObject<HTMLInputElement | null>;
  listRef: RefObject<HTMLDivElement | null>;
}) {
  const { tests } = useWatchedRun();
  const { done, summary } = useRunView();
  const over = summary !== undefined && summary.status !== 'running';
  const navigate = useNavigate();
  const { outcome, q = '' } = filter;
  useEffect(() => tests.setFilter({ outcome, search: q.toLowerCase() }), [tests, outcome, q]);
  useSyncExternalStore(tests.subscribeList, tests.version);
  const change = useCallback(
    (part: RunSearch): void =>
      void navigate({
        to: '.',
        search: (before: RunSearch) => ({ ...before, ...part }),
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  const open = useCallback((test: string) => change({ test }), [change]);
  const shown = tests.keys.length;
  const { tests: total } = tests.counts;
  const filtered = outcome !== undefined || q !== '';
  return (
    <section className={styles.tests} aria-labelledby="tests" data-anchor="tests">
      <div className={styles.head}>
        <h2 id="tests">
          {filtered ? `${formatCount(shown)} of ${formatCount(total)} tests` : `${formatCount(total)} tests`}
        </h2>
        {filtered && (
          <button type="button" className={styles.all} onClick={() => change({ outcome: undefined, q: undefined })}>
            Show all{outcome !== undefined && `, not only ${outcome}`}
          </button>
        )}
        <SearchField ref={searchRef} label="Search tests" value={q} onChange={(text) => change({ q: text })} />
      </div>
      {shown === 0 && done && (
        <p className={styles.none}>
          {total > 0 ? 'No test matches.' : over ? 'No test was reported.' : 'No test yet.'}
        </p>
      )}
      <TestRows listRef={listRef} opened={filter.test} onOpen={open} />
    </section>
  );
}
