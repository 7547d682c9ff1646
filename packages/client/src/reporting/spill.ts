/** Where results go that do not fit into memory; in order, each line once. Calls are synchronous and may throw. */
export interface Spill {
  /** Lines that are in it. */
  readonly size: number;
  push(line: string): void;
  /** Takes out the first lines: at most so many. */
  take(count: number): string[];
  /** Keeps what is in it, with these lines before, for a later `testcast upload`; answers where. */
  keep(before: readonly string[]): string;
  /** Removes it. */
  discard(): void;
}
