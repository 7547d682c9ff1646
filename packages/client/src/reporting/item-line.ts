import { limits, type ResultItemInput } from '@testcast/contracts';

export interface ItemLine {
  /** JSON on one line. */
  readonly text: string;
  readonly bytes: number;
}

/** Above it an item is refused here: it would be most of a batch, or more. */
const maxLineBytes = limits.batchBytes / 2;
/** What is left of a text beyond the server's limit, so that the server cuts it once more and marks it `truncated`. */
const overLimit = 1024;

const encoder = new TextEncoder();

/** An item as a line of NDJSON, its long texts cut when it would be too large to send. Throws when it is not JSON or too large. */
export function lineOf(item: ResultItemInput): ItemLine {
  const whole = measured(item);
  if (whole.bytes <= limits.itemBytes) return whole;
  const cut = measured(withTextsCut(item));
  if (cut.bytes <= maxLineBytes) return cut;
  const bare = measured({ ...withTextsCut(item), steps: undefined } as ResultItemInput);
  if (bare.bytes > maxLineBytes) throw new Error(`the item has ${bare.bytes} bytes, its texts cut`);
  return bare;
}

export function measuredText(text: string): ItemLine {
  return { text, bytes: encoder.encode(text).byteLength };
}

function measured(item: ResultItemInput): ItemLine {
  return measuredText(JSON.stringify(item));
}

function withTextsCut(item: ResultItemInput): ResultItemInput {
  if (item.kind === 'output') return { ...item, text: cut(item.text, limits.outputTextBytes) };
  if (item.kind !== 'test.finished' || item.error === undefined) return item;
  const { message, stack, snippet } = item.error;
  return {
    ...item,
    error: {
      message: cut(message, limits.messageBytes),
      stack: stack === undefined ? undefined : cut(stack, limits.stackBytes),
      snippet: snippet === undefined ? undefined : cut(snippet, limits.snippetBytes),
    },
  };
}

/** The beginning and the end: the first lines of a message say what failed, the last ones often why. */
function cut(text: string, limit: number): string {
  const kept = limit + overLimit;
  if (text.length <= kept) return text;
  const half = Math.floor(kept / 2);
  // Half of a surrogate pair would be sent as a question mark.
  const head = text.slice(0, half).replace(/[\uD800-\uDBFF]$/, '');
  const tail = text.slice(-half).replace(/^[\uDC00-\uDFFF]/, '');
  return `${head}\n…\n${tail}`;
}
