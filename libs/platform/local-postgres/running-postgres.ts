import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { readPassword } from './cluster.ts';
import { clusterIn } from './home.ts';
import { answersSignals } from './process-table.ts';

/**
 * The URL of the PostgreSQL that another process has started in a data directory, for commands that work beside it.
 * Starts and changes nothing. Undefined when none is running there.
 *
 * @throws the system's error when the files are not this user's to read
 */
export async function runningPostgresUrl(dataDir: string): Promise<string | undefined> {
  const given = await realpath(dataDir).catch(() => undefined);
  if (given === undefined) return undefined;
  const elsewhere = (await readIfThere(path.join(given, 'location'))).trim();
  const directory = elsewhere === '' ? given : elsewhere;
  // Its lines: pid, data directory, time of the start, port, …
  const [pid, , , port] = (await readIfThere(path.join(clusterIn(directory), 'postmaster.pid'))).split('\n');
  if (!pid || !port || !answersSignals(Number(pid))) return undefined;
  return `postgres://postgres:${await readPassword({ directory })}@127.0.0.1:${Number(port)}/postgres`;
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
