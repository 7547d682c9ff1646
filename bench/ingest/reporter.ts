export interface RunRef {
  readonly projectId: string;
  readonly runId: string;
}

/** One connection that reports results of one run, one request at a time. */
export interface Reporter {
  /** Resolves when every item has been answered as appended; anything else is an error. */
  report(items: readonly object[]): Promise<void>;
  close(): void;
}

/** Throws unless the answer has a result for each item, all of them appended. */
export function requireAppended(results: readonly { status: string }[], count: number): void {
  const other = results.find(({ status }) => status !== 'appended');
  if (other !== undefined) throw new Error(`not appended: ${JSON.stringify(other)}`);
  if (results.length !== count) throw new Error(`${results.length} answers to ${count} items`);
}
