/** Pixels of a row in the list of tests; `--row` in the style sheet is the same. */
export const rowHeight = 28;
