import { type RefObject, useEffect } from 'react';
import { headerHeight } from './row-window.ts';
import { topInPage } from './use-row-window.ts';

/**
 * Keeps what the reader sees of the failures where it is when something comes in above it; the list of tests does so by
 * itself. The browser's own anchoring gives up when the list changes its height in the same frame, which it does for as
 * long as a run goes.
 */
export function useSteadyScroll(content: RefObject<HTMLElement | null>, list: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const root = content.current;
    if (root === null) return undefined;
    let anchor: { element: HTMLElement; top: number } | undefined;
    const look = (): void => {
      const inList = list.current !== null && list.current.getBoundingClientRect().top < headerHeight;
      const element = window.scrollY <= 0 || inList ? undefined : firstVisible(root);
      anchor = element && { element, top: topInPage(element) };
    };
    const observer = new ResizeObserver(() => {
      if (anchor?.element.isConnected === true) {
        const moved = topInPage(anchor.element) - anchor.top;
        if (Math.abs(moved) >= 1) window.scrollBy({ top: moved, behavior: 'instant' });
      }
      look();
    });
    observer.observe(root);
    window.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      window.removeEventListener('scroll', look);
    };
  }, [content, list]);
}

function firstVisible(root: HTMLElement): HTMLElement | undefined {
  const anchors = root.querySelectorAll<HTMLElement>('[data-anchor]');
  return [...anchors].find((element) => element.getBoundingClientRect().top >= headerHeight);
}
