/** For how long runs are kept, and where they go before they are erased. */
export interface RunRetentionOptions {
  /** Days of projects that have no setting of their own; 0 or undefined = for ever. */
  readonly defaultDays?: number | undefined;
  /** Directory of the export files. Without it nothing is erased. */
  readonly exportDir?: string | undefined;
  /** Milliseconds between two looks (default 60,000). */
  readonly everyMs?: number | undefined;
}

export const runRetentionOptions = Symbol('testcast:run-retention');
