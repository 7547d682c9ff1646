/** A stream, and all those whose names begin with a prefix that ends in a slash: what is closed and erased together. */
export interface StreamFamily {
  readonly stream: string;
  readonly prefix: string;
}

/** A closed stream: nothing in it moves any more. */
export interface ClosedStream {
  readonly stream: string;
  readonly slot: number;
  readonly version: number;
}

/** Names with the prefix are those from it up to this, by their bytes: "0" is the character after the slash. */
export function endOf(prefix: string): string {
  if (!prefix.endsWith('/')) throw new Error(`the prefix ${prefix} does not end in a slash`);
  return `${prefix.slice(0, -1)}0`;
}
