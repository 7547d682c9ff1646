import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

const debian = '/usr/lib/postgresql';
const needed = ['initdb', 'postgres', 'pg_ctl', 'pg_basebackup', 'pg_verifybackup', 'psql'];

/**
 * Directory of PostgreSQL's programs, with those for backups, which the npm package does not bring: PGBIN, else the newest
 * that Debian has installed. Undefined, with one loud line, when there are none; the tests then skip.
 *
 * @throws Error instead when CI is set
 */
export function serverPrograms(): string | undefined {
  const found = candidates().find((directory) => needed.every((name) => existsSync(path.join(directory, name))));
  if (found !== undefined) return found;
  const message = `no PostgreSQL with pg_basebackup below ${debian}. Install postgresql, or set PGBIN.`;
  if (process.env['CI']) throw new Error(message);
  console.warn(`\n*** TESTS OF FAIL-OVERS AND RESTORES ARE SKIPPED: ${message} ***\n`);
  return undefined;
}

function candidates(): string[] {
  const given = process.env['PGBIN'];
  if (given) return [given];
  if (!existsSync(debian)) return [];
  const versions = readdirSync(debian).filter((name) => /^\d+$/.test(name) && Number(name) >= 14);
  return versions.sort((a, b) => Number(b) - Number(a)).map((version) => path.join(debian, version, 'bin'));
}
