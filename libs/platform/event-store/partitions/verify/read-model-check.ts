import type { Finding } from './finding.ts';
import type { ReadModelReader } from './read-model-reader.ts';

/** What a module knows of its read models and `verify` does not: that they are what the log makes of them. */
export abstract class ReadModelCheck {
  /** Such as `run counters`. */
  abstract readonly name: string;

  /** Reads page by page, while projections write; what must agree is read at one moment. */
  abstract findings(reader: ReadModelReader): AsyncIterable<Finding>;

  /** What was looked at, in a sentence, when it is over. */
  abstract summary(): string;
}
