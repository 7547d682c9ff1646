import { useShortcuts } from '../../shell/shortcuts.ts';

/** `j` and `k` move the focus over everything that is marked `data-row`, in the order of the page. */
export function useRowKeys(): void {
  useShortcuts({ j: () => moveFocus(1), k: () => moveFocus(-1) });
}

export function moveFocus(by: 1 | -1, selector = '[data-row]'): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>(selector)];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next = rows[at === -1 && by === -1 ? rows.length - 1 : at + by];
  next?.focus({ preventScroll: true });
  // A list of many screens is entered where the reader is.
  if (next !== undefined && next.offsetHeight < window.innerHeight) next.scrollIntoView({ block: 'nearest' });
  return next !== undefined;
}
