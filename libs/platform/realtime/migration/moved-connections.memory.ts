import { performance } from 'node:perf_hooks';
import type { MovedConnection } from './moved-connection.ts';
import { type MovedEntry, MovedConnections } from './moved-connections.ts';

/** For servers of one process. */
export class MovedConnectionsInMemory extends MovedConnections {
  private readonly entries = new Map<string, { readonly moved: MovedConnection; readonly until: number }>();

  async put(entries: readonly MovedEntry[], ttlMs: number): Promise<void> {
    const now = performance.now();
    for (const [token, { until }] of this.entries) if (until <= now) this.entries.delete(token);
    for (const { token, moved } of entries) this.entries.set(token, { moved, until: now + ttlMs });
  }

  async take(token: string): Promise<MovedConnection | undefined> {
    const entry = this.entries.get(token);
    this.entries.delete(token);
    return entry === undefined || entry.until <= performance.now() ? undefined : entry.moved;
  }
}
