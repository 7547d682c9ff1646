import { type RefObject, useEffect } from 'react';
import type { RunStore } from '../store/run-store.ts';
import { rowHeight } from './row-height.ts';
import { useWatchedRun } from './watched-run-context.ts';

interface Anchor {
  readonly key: string;
  readonly top: number;
}

/**
 * Keeps what the reader sees where it is when something comes in above it. The browser's own anchoring gives up when the
 * list changes its height in the same frame, which it does for as long as a run goes.
 */
export function useSteadyScroll(content: RefObject<HTMLElement | null>, list: RefObject<HTMLElement | null>): void {
  const { tests } = useWatchedRun();
  useEffect(() => {
    const root = content.current;
    if (root === null) return undefined;
    let anchor: Anchor | undefined;
    const take = (): void => {
      anchor = window.scrollY <= 0 ? undefined : firstVisible(root, list.current, tests);
    };
    // Called between layout and paint: what has moved is put back before it is seen.
    const observer = new ResizeObserver(() => {
      if (anchor !== undefined) {
        const top = topOf(anchor.key, root, list.current, tests);
        if (top !== undefined && Math.abs(top - anchor.top) >= 1)
          window.scrollBy({ top: top - anchor.top, behavior: 'instant' });
      }
      take();
    });
    observer.observe(root);
    window.addEventListener('scroll', take, { passive: true });
    return () => {
      observer.disconnect();
      window.removeEventListener('scroll', take);
    };
  }, [content, list, tests]);
}

const headerPx = 48;

function firstVisible(root: HTMLElement, list: HTMLElement | null, tests: RunStore): Anchor | undefined {
  if (list !== null) {
    const { top } = list.getBoundingClientRect();
    if (top < headerPx) {
      const index = Math.ceil((headerPx - top) / rowHeight);
      const testKey = tests.keys.at(index);
      return testKey === undefined ? undefined : { key: `t:${testKey}`, top: top + index * rowHeight };
    }
  }
  for (const element of root.querySelectorAll<HTMLElement>('[data-anchor]')) {
    const { top } = element.getBoundingClientRect();
    if (top >= headerPx) return { key: element.dataset['anchor']!, top };
  }
  return undefined;
}

function topOf(key: string, root: HTMLElement, list: HTMLElement | null, tests: RunStore): number | undefined {
  if (!key.startsWith('t:')) {
    return root.querySelector(`[data-anchor="${CSS.escape(key)}"]`)?.getBoundingClientRect().top;
  }
  const testKey = key.slice(2);
  // Rows outside of the screen are not in the page, so their place is computed.
  if (list === null || tests.row(testKey) === undefined || !tests.keys.has(testKey)) return undefined;
  return list.getBoundingClientRect().top + tests.keys.indexOf(testKey) * rowHeight;
}
