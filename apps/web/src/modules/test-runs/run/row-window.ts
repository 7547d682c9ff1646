/** Pixels of a row in the list of tests; `--row` in the style sheet is the same. */
export const rowHeight = 28;
/** Pixels of the page's header, under which rows pass; `--header` in the style sheet. */
export const headerHeight = 48;

/** Rows beyond the screen on either side: a fast scroll shows no gap before the next frame. */
const beyond = 20;

/** Rows from `first` to before `end` are in the page. */
export interface RowWindow {
  readonly first: number;
  readonly end: number;
}

/**
 * The rows that a screen of `screen` pixels needs when row `top` is the first below the header. `first` moves in steps,
 * so that most frames of a scroll put nothing into the page and take nothing out.
 */
export function rowWindow(top: number, screen: number, count: number): RowWindow {
  const step = beyond / 2;
  const first = Math.max(0, Math.floor(Math.min(top, count) / step) * step - beyond);
  return { first, end: Math.min(count, first + Math.ceil(screen / rowHeight) + 3 * beyond) };
}
