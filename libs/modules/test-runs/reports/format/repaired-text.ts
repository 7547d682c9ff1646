// Neither XML nor PostgreSQL's jsonb takes all of these. U+001B stays: tools colour their messages with it.
// oxlint-disable-next-line no-control-regex -- finding them is the point
const illegal = /[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\ufffe\uffff]|\p{Surrogate}/gu;
// The same and whole pairs of surrogates, in a form that is searched several times faster: most texts have neither.
// oxlint-disable-next-line no-control-regex -- as above
const suspect = /[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\ufffe\uffff\ud800-\udfff]/;
// CSI sequences (colours, cursor) and the two-character escapes of ECMA-48.
// oxlint-disable-next-line no-control-regex -- as above
const escapeSequence = /\u001b(?:\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])?/g;
// A single character, since blanks around it would be searched again and again in a name of a million blanks.
const lineBreaks = /[\t\r\n\u2028\u2029]/g;

/** Text as it may be stored; `replaced` characters became U+FFFD. */
export function repaired(text: string): { text: string; replaced: number } {
  if (!suspect.test(text)) return { text, replaced: 0 };
  let replaced = 0;
  const clean = text.replace(illegal, () => {
    replaced += 1;
    return '\ufffd';
  });
  return { text: clean, replaced };
}

/** A name: on one line, without colours and control characters, so that a test is the same test in every terminal. */
export function repairedName(text: string): string {
  return repaired((text.includes('\u001b') ? text.replace(escapeSequence, '') : text).replace(lineBreaks, ' ').trim())
    .text;
}

/** Leaves out halves of characters outside the basic plane, which cutting a text can make. */
export function withoutBrokenPairs(text: string): string {
  return /[\ud800-\udfff]/.test(text) ? text.replace(/\p{Surrogate}/gu, '') : text;
}
