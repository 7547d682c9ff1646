import {
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useReducer,
  useRef,
  useSyncExternalStore,
} from 'react';
import type { RunStore } from '../store/run-store.ts';
import { headerHeight, rowHeight, type RowWindow, rowWindow } from './row-window.ts';

/** The first row below the header: where it stands among the rows, and where the list begins in the page. */
interface Anchor {
  readonly key: string;
  readonly index: number;
  readonly listTop: number;
}

/**
 * Which rows of a long list are in the page, and where. Rows are of one height, so nothing is measured or kept per row:
 * a list that keeps a place for each of 100,000 rows computes them all anew with every test that arrives.
 * What comes in above the reader, in the list or before it, moves the page along and leaves what is read in place.
 */
export function useRowWindow(list: RefObject<HTMLElement | null>, tests: RunStore): RowWindow {
  useSyncExternalStore(tests.subscribeList, tests.version);
  const [, renderAnew] = useReducer((count: number) => count + 1, 0);
  const anchor = useRef<Anchor>(undefined);
  const shown = useRef<RowWindow>(undefined);

  const { keys } = tests;
  const kept = anchor.current;
  const top = kept === undefined ? 0 : keys.has(kept.key) ? keys.indexOf(kept.key) : kept.index;
  const window_ = rowWindow(top, window.innerHeight, keys.length);

  const look = useCallback((): void => {
    if (list.current === null) return;
    anchor.current = anchorIn(list.current, tests);
    const wanted = rowWindow(anchor.current?.index ?? 0, window.innerHeight, tests.keys.length);
    if (wanted.first !== shown.current?.first || wanted.end !== shown.current.end) renderAnew();
  }, [list, tests]);

  const settle = useCallback((): void => {
    const before = anchor.current;
    if (list.current === null || before === undefined || !tests.keys.has(before.key)) return;
    const index = tests.keys.indexOf(before.key);
    const listTop = topInPage(list.current);
    anchor.current = { key: before.key, index, listTop };
    // From places in the page, not on the screen: a scroll of the reader in the same moment is not taken back.
    const moved = (index - before.index) * rowHeight + listTop - before.listTop;
    if (Math.abs(moved) >= 1) window.scrollBy({ top: moved, behavior: 'instant' });
  }, [list, tests]);

  useLayoutEffect(() => {
    shown.current = window_;
    settle();
  });
  useEffect(() => {
    look();
    // Called between layout and paint: what has moved is put back before it is seen.
    const above = new ResizeObserver(settle);
    above.observe(document.body);
    window.addEventListener('scroll', look, { passive: true });
    window.addEventListener('resize', look);
    return () => {
      above.disconnect();
      window.removeEventListener('scroll', look);
      window.removeEventListener('resize', look);
    };
  }, [look, settle]);
  return window_;
}

export function topInPage(element: HTMLElement): number {
  return element.getBoundingClientRect().top + window.scrollY;
}

function anchorIn(list: HTMLElement, { keys }: RunStore): Anchor | undefined {
  const listTop = topInPage(list);
  const passed = window.scrollY + headerHeight - listTop;
  if (passed <= 0) return undefined;
  const index = Math.ceil(passed / rowHeight);
  const key = keys.at(index) ?? keys.at(keys.length - 1);
  return key === undefined ? undefined : { key, index: keys.indexOf(key), listTop };
}
