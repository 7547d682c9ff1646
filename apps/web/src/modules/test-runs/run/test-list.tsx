import { useNavigate } from '@tanstack/react-router';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type RefObject, useEffect, useLayoutEffect, useState, useSyncExternalStore } from 'react';
import { formatCount } from '../../../format/count.ts';
import { SearchField } from '../search-field.tsx';
import type { RunSearch } from '../search-params.ts';
import { moveFocus } from '../use-row-keys.ts';
import { rowHeight } from './row-height.ts';
import styles from './test-list.module.css';
import { TestLine } from './test-line.tsx';
import { useRunView, useWatchedRun } from './watched-run-context.ts';

const headerPx = 48;

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
  const { done } = useRunView();
  const navigate = useNavigate();
  const { outcome, q = '' } = filter;
  useEffect(() => tests.setFilter({ outcome, search: q.toLowerCase() }), [tests, outcome, q]);
  useSyncExternalStore(tests.subscribeList, tests.version);
  const change = (part: RunSearch): void =>
    void navigate({
      to: '.',
      search: (before: RunSearch) => ({ ...before, ...part }),
      replace: true,
      resetScroll: false,
    });
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
      {shown === 0 && done && <p className={styles.none}>{total === 0 ? 'No test yet.' : 'No test matches.'}</p>}
      <Rows listRef={listRef} opened={filter.test} onOpen={(test) => change({ test })} />
    </section>
  );
}

function Rows({
  listRef,
  opened,
  onOpen,
}: {
  listRef: RefObject<HTMLDivElement | null>;
  opened: string | undefined;
  onOpen: (testKey: string) => void;
}) {
  const { tests } = useWatchedRun();
  const { keys } = tests;
  const scrollMargin = useOffsetTop(listRef);
  const virtualizer = useWindowVirtualizer({
    count: keys.length,
    estimateSize: () => rowHeight,
    getItemKey: (index) => keys.at(index)!,
    overscan: 15,
    scrollMargin,
    scrollPaddingStart: headerPx + rowHeight,
    scrollPaddingEnd: rowHeight,
  });
  // By key, not by index: what comes in above must not move it to another test.
  const [active, setActive] = useState<string>();
  const has = active !== undefined && tests.row(active) !== undefined && keys.has(active);
  const activeIndex = has ? keys.indexOf(active) : undefined;
  const move = (by: 1 | -1): void => {
    const next = activeIndex === undefined ? 0 : activeIndex + by;
    const key = keys.at(next);
    if (key === undefined) {
      if (next < 0) moveFocus(-1);
      return;
    }
    setActive(key);
    virtualizer.scrollToIndex(next);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'j' || event.key === 'ArrowDown') move(1);
    else if (event.key === 'k' || event.key === 'ArrowUp') move(-1);
    else if (event.key === 'Enter' && has) onOpen(active);
    else return;
    event.preventDefault();
  };
  return (
    <div
      ref={listRef}
      className={styles.list}
      style={{ height: virtualizer.getTotalSize() }}
      role="listbox"
      aria-label="Tests"
      tabIndex={0}
      aria-activedescendant={has ? `test-${active}` : undefined}
      onKeyDown={onKey}
      onFocus={() => {
        if (!has) setActive(keys.at(virtualizer.range?.startIndex ?? 0));
      }}
    >
      {virtualizer.getVirtualItems().map(({ key, index, start }) => (
        <TestLine
          key={key}
          testKey={String(key)}
          position={index + 1}
          size={keys.length}
          top={start - scrollMargin}
          isActive={key === active}
          isOpen={key === opened}
          onOpen={(testKey) => {
            setActive(testKey);
            onOpen(testKey);
          }}
        />
      ))}
    </div>
  );
}

/** Where the list begins in the page; it moves whenever something above it grows. */
function useOffsetTop(list: RefObject<HTMLElement | null>): number {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const measure = (): void => {
      if (list.current !== null) setTop(Math.round(list.current.getBoundingClientRect().top + window.scrollY));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [list]);
  return top;
}
