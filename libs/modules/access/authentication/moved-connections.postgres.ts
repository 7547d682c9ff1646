import { createHash } from 'node:crypto';
import { type MovedConnection, MovedConnections, type MovedEntry } from '#platform/realtime';
import type { DataSource } from 'typeorm';
import { putMovedConnections, takeMovedConnection } from './moved-connections.sql.ts';

/** For all servers of one database. Tokens are kept as hashes: a dump of the table lets nobody in. */
export class MovedConnectionsInPostgres extends MovedConnections {
  constructor(private readonly database: DataSource) {
    super();
  }

  async put(entries: readonly MovedEntry[], ttlMs: number): Promise<void> {
    const hashes = entries.map(({ token }) => hashOf(token));
    const moved = entries.map((entry) => JSON.stringify(entry.moved));
    await this.database.query(putMovedConnections, [hashes, moved, ttlMs]);
  }

  async take(token: string): Promise<MovedConnection | undefined> {
    // A `delete … returning` answers with its rows and their number.
    const [rows] = await this.database.query<[{ moved: MovedConnection; inTime: boolean }[], number]>(
      takeMovedConnection,
      [hashOf(token)],
    );
    const [row] = rows;
    return row?.inTime === true ? row.moved : undefined;
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
