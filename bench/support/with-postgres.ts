import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type LocalPostgres, startLocalPostgres } from '#platform/local-postgres';

/** A server of its own for a measurement, with fsync as in production; gone afterwards. */
export async function withPostgres<T>(use: (server: LocalPostgres) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(path.join(tmpdir(), 'testcast-bench-'));
  // Started by root, PostgreSQL runs as somebody else, who must get to its files.
  await chmod(directory, 0o755);
  const server = await startLocalPostgres({ dataDir: path.join(directory, 'postgres') });
  try {
    return await use(server);
  } finally {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}
