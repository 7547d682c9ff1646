// Neither XML nor PostgreSQL's jsonb takes all of these. U+001B stays: tools colour their messages with it.
// oxlint-disable-next-line no-control-regex -- finding them is the point
const illegal = /[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\ufffe\uffff]|\p{Surrogate}/gu;
// CSI sequences (colours, cursor) and the two-character escapes of ECMA-48.
// oxlint-disable-next-line no-control-regex -- as above
const escapeSequence = /\u001b(?:\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])?/g;
const lineBreaks = /\s*[\r\n]+\s*/g;

/** Text as it may be stored; `replaced` characters became U+FFFD. */
export function repaired(text: string): { text: string; replaced: number } {
  let replaced = 0;
  const clean = text.replace(illegal, () => {
    replaced += 1;
    return '\ufffd';
  });
  return { text: clean, replaced };
}

/** A name: on one line, without colours and control characters, so that a test is the same test in every terminal. */
export function repairedName(text: string): string {
  return repaired(text.replace(escapeSequence, '').replace(lineBreaks, ' ').trim()).text;
}

/** Leaves out halves of characters outside the basic plane, which cutting a text can make. */
export function withoutBrokenPairs(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '');
}
