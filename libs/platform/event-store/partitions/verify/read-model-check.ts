import type { Finding } from './finding.ts';

/** One statement that reads; each sees one moment of the database. */
export type ReadQuery = <Row>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

/** What a module knows of its read models and `verify` does not: that they are what the log makes of them. */
export abstract class ReadModelCheck {
  /** Such as `run counters`. */
  abstract readonly name: string;

  /** Reads page by page, while projections write; each page is one statement. */
  abstract findings(query: ReadQuery): AsyncIterable<Finding>;
}
