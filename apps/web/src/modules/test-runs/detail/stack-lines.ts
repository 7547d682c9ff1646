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
const foreign =
  /node_modules|node:|internal\/|<anonymous>|site-packages|dist-packages|\/lib\/python|\/usr\/lib\/|_pytest|\bjava\.|\bjavax\.|\bjdk\.|\bsun\.|org\.junit|org\.gradle|org\.apache\.maven|kotlin\.|\/gems\/|\/go\/src\/|\/rustc\/|\bSystem\.|NUnit|Xunit/;

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

function isForeignFrame({ isFrame, isOwn }: StackLine): boolean {
  return isFrame && !isOwn;
}

/** The trace without the message that many tools repeat at its head, where the message is shown already. */
export function withoutMessage(stack: string, message: string | undefined): string {
  if (message === undefined || message === '') return stack;
  const at = stack.indexOf(message);
  // After a name such as `AssertionError: `, not somewhere in the middle of the trace.
  if (at === -1 || stack.slice(0, at).includes('\n')) return stack;
  const rest = stack.slice(at + message.length).replace(/^[^\n]*\n/, '');
  return rest.trim() === '' ? stack : rest;
}
