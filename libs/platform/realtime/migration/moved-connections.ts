import type { MovedConnection } from './moved-connection.ts';

/** A token is 256 random bits: who has it is whom it was given to. */
export interface MovedEntry {
  readonly token: string;
  readonly moved: MovedConnection;
}

/** Connections on their way from one server to another. Losing them costs a reconnect, nothing else. */
export abstract class MovedConnections {
  /** Keeps them for `ttlMs`. Rejects when they cannot be kept: then nobody is told to move. */
  abstract put(entries: readonly MovedEntry[], ttlMs: number): Promise<void>;
  /** Once: whoever comes second with a token gets undefined, and so does whoever comes too late. */
  abstract take(token: string): Promise<MovedConnection | undefined>;
}
