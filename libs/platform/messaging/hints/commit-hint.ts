/**
 * Tells that some process has committed events, so that a reader looks now and not at its next poll. A hint may come
 * late, twice or never: readers poll, and nothing is right only because of a hint.
 */
export abstract class CommitHint {
  /** Resolves once it listens, or is trying to. */
  abstract start(wake: () => void): Promise<void>;

  abstract stop(): Promise<void>;
}
