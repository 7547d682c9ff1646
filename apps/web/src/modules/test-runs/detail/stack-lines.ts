import { withoutAnsi } from './ansi.ts';

export interface StackLine {
  readonly text: string;
  /** A line of the trace, not of the message. */
  readonly isFrame: boolean;
  /** A frame of the suite's or product's own code, not of a library or the runtime. */
  readonly isOwn: boolean;
}

/** Lines that are shown as they are, and runs of foreign frames that are folded. */
export type StackPart = { readonly kind: 'lines' | 'folded'; readonly lines: readonly StackLine[] };

const frame = /^\s*(at\s|File ".*", line \d+|\d+:\s+0x|#\d+\s|\S+\.(go|rb|php|ex|exs|rs|swift|c|cc|cpp|cs):\d+)/;
// Places of libraries and runtimes, and packages at the head of a frame. A word alone does not tell: own code lies in
// folders called internal/ and files called java.spec.ts, and its tests are `<anonymous>` functions.
const foreign = new RegExp(
  [
    /[\\/]node_modules[\\/]/,
    /(?:\(|^\s*at (?:async )?)(?:node:|internal\/)/,
    /\((?:<anonymous>|native|index \d+)\)$/,
    /[\\/](?:site|dist)-packages[\\/]|[\\/]lib[\\/]python\d|[\\/]_pytest[\\/]/,
    /^\s*at (?:[\w.@-]*\/{1,2})*(?:java|javax|jdk|sun|com\.sun|kotlin|org\.junit|org\.gradle|org\.apache\.maven)\./,
    /^\s*at (?:System|Microsoft|NUnit|Xunit)\./,
    /[\\/]gems[\\/]|\/rustc\/|\/usr\/lib\/|\/usr\/local\/go\/src\//,
  ]
    .map(({ source }) => source)
    .join('|'),
);

/** Fewer foreign frames in a row than this are shown: hiding them would save nothing. */
const worthFolding = 3;

export function stackLines(stack: string): StackLine[] {
  return stack.split('\n').map((text) => {
    const plain = withoutAnsi(text);
    const isFrame = frame.test(plain);
    return { text, isFrame, isOwn: isFrame && !foreign.test(plain) };
  });
}

export function stackParts(lines: readonly StackLine[]): StackPart[] {
  const parts: StackPart[] = [];
  let index = 0;
  while (index < lines.length) {
    const isForeign = isForeignFrame(lines[index]!);
    let end = index + 1;
    while (end < lines.length && isForeignFrame(lines[end]!) === isForeign) end += 1;
    const taken = lines.slice(index, end);
    const kind = isForeign && taken.length >= worthFolding ? 'folded' : 'lines';
    const last = parts.at(-1);
    if (kind === 'lines' && last?.kind === 'lines')
      parts[parts.length - 1] = { kind, lines: [...last.lines, ...taken] };
    else parts.push({ kind, lines: taken });
    index = end;
  }
  return parts;
}

// The last frame of an error that Node wrote as an object opens its fields, which follow: `at … {`.
function isForeignFrame({ text, isFrame, isOwn }: StackLine): boolean {
  return isFrame && !isOwn && !text.endsWith(' {');
}

/** The trace as it is shown: of the error itself, without a message that is shown already. */
export function shownStack(stack: string, message: string | undefined): string {
  return withoutMessage(causeOf(stack), message);
}

/**
 * node:test reports an error of its own that has the test's as its cause, written as an object: the cause is what
 * people look for. Other traces are left as they are, and so is one whose cause is a value without a trace.
 */
function causeOf(stack: string): string {
  if (!/^\s*\[?Error \[ERR_TEST_FAILURE\]/.test(withoutAnsi(stack))) return stack;
  const [, inner] = /\n {2}cause: ([^]*\n[^]*)\n\}\s*$/.exec(stack) ?? [];
  return inner === undefined ? stack : inner.replaceAll('\n  ', '\n');
}

/** Without the message that many tools repeat at the head, where frames follow it: the rest must not begin mid-sentence. */
function withoutMessage(stack: string, message: string | undefined): string {
  if (message === undefined || message === '') return stack;
  const at = stack.indexOf(message);
  // After a name such as `AssertionError: `, not somewhere in the middle of the trace.
  if (at === -1 || stack.slice(0, at).includes('\n')) return stack;
  const rest = stack.slice(at + message.length).replace(/^\s*\n/, '');
  return frame.test(withoutAnsi(rest.split('\n', 1)[0]!)) ? rest : stack;
}
