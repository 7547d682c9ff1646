import { type KeyboardEvent, type RefObject, useCallback, useState } from 'react';
import { moveFocus } from '../use-row-keys.ts';
import { headerHeight, rowHeight } from './row-window.ts';
import { TestLine } from './test-line.tsx';
import styles from './test-list.module.css';
import { topInPage, useRowWindow } from './use-row-window.ts';
import { useWatchedRun } from './watched-run-context.ts';

/** The rows of the list: those near the screen, and the keys to move among all of them. */
export function TestRows({
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
  const { first, end } = useRowWindow(listRef, tests);
  // By key, not by index: what comes in above must not move it to another test.
  const [active, setActive] = useState<string>();
  const has = active !== undefined && tests.row(active) !== undefined && keys.has(active);

  const open = useCallback(
    (testKey: string) => {
      setActive(testKey);
      onOpen(testKey);
    },
    [onOpen],
  );
  const move = (by: 1 | -1): void => {
    const next = has ? keys.indexOf(active) + by : first;
    const key = keys.at(next);
    if (key !== undefined) {
      setActive(key);
      scrollTo(listRef.current!, next);
    } else if (next < 0) moveFocus(-1);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'j' || event.key === 'ArrowDown') move(1);
    else if (event.key === 'k' || event.key === 'ArrowUp') move(-1);
    else if (event.key === 'Enter' && has) open(active);
    else return;
    event.preventDefault();
  };
  return (
    <div
      ref={listRef}
      className={styles.list}
      style={{ height: keys.length * rowHeight }}
      role="listbox"
      aria-label="Tests"
      tabIndex={0}
      data-row=""
      aria-activedescendant={has ? `test-${active}` : undefined}
      onKeyDown={onKey}
      onFocus={() => {
        if (!has) setActive(firstOnScreen(listRef.current!, keys.at.bind(keys)));
      }}
    >
      <div role="presentation" className={styles.window} style={{ transform: `translateY(${first * rowHeight}px)` }}>
        {keys.all.slice(first, end).map((key, index) => (
          <TestLine
            key={key}
            testKey={key}
            // For who hears the list; on every row it would be written anew with every test that comes in.
            place={key === active ? `${first + index + 1}/${keys.length}` : undefined}
            isOpen={key === opened}
            onOpen={open}
          />
        ))}
      </div>
    </div>
  );
}

function firstOnScreen(list: HTMLElement, keyAt: (index: number) => string | undefined): string | undefined {
  const passed = headerHeight - list.getBoundingClientRect().top;
  return keyAt(Math.max(0, Math.ceil(passed / rowHeight)));
}

/** Scrolls as far as it takes to see the row, with a row of room. */
function scrollTo(list: HTMLElement, index: number): void {
  const top = topInPage(list) + index * rowHeight;
  const highest = window.scrollY + headerHeight + rowHeight;
  const lowest = window.scrollY + window.innerHeight - 2 * rowHeight;
  if (top < highest) window.scrollBy({ top: top - highest, behavior: 'instant' });
  else if (top > lowest) window.scrollBy({ top: top - lowest, behavior: 'instant' });
}
