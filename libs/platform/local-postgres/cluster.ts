import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Binaries } from './binaries.ts';
import { postgresEnvironment } from './environment.ts';
import { clusterIn, type Home } from './home.ts';
import { endProcessesIn } from './leftovers.ts';

const draftPrefix = 'cluster.draft-';

export interface NewCluster {
  readonly home: Home;
  readonly binaries: Binaries;
  /** false for a cluster that need not survive a power cut */
  readonly durable: boolean;
  readonly log: (line: string) => void;
}

/** Older ones, which only tests start, have nothing but the machine's locales. */
const firstWithLocales = 17;

/**
 * Makes the cluster where there is none yet. initdb writes into a draft that is renamed when it is whole, so a cluster
 * that has its name is finished and never deleted, and a draft is always rubbish.
 */
export async function ensureCluster({ home, binaries, durable, log }: NewCluster): Promise<void> {
  await deleteDrafts(home.directory);
  if (await stat(clusterIn(home.directory)).catch(() => undefined)) return;
  const draft = await mkdtemp(path.join(home.directory, draftPrefix));
  await chmod(draft, 0o700);
  if (home.user) await chown(draft, home.user.uid, home.user.gid);
  const password = await ensurePassword(home);
  const args = [
    `--pgdata=${draft}`,
    '--username=postgres',
    `--pwfile=${password}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Byte order whatever the machine's locale is, and still lower() and ilike beyond ASCII, where the server can.
    '--locale=C',
    ...(binaries.major < firstWithLocales ? [] : ['--locale-provider=builtin', '--builtin-locale=C.UTF-8']),
    ...(durable ? [] : ['--no-sync']),
  ];
  await runInitdb(binaries.initdb, args, home, log);
  await rename(draft, clusterIn(home.directory));
}

export async function readPassword(home: Home): Promise<string> {
  return (await readFile(passwordFile(home), 'utf8')).trim();
}

/** Keeps a database that nothing points to any more (its data directory was deleted) out of the new one's way. */
export async function setAside(home: Home, log: (line: string) => void): Promise<void> {
  const cluster = clusterIn(home.directory);
  if (!(await stat(cluster).catch(() => undefined))) return;
  const aside = `${cluster}.${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  await rename(cluster, aside);
  log(`the database of a data directory that was deleted is kept in ${aside}`);
}

const passwordFile = (home: Home): string => path.join(home.directory, 'password');

/** One password for the life of the directory, also when initdb has to be run again. */
async function ensurePassword(home: Home): Promise<string> {
  const file = passwordFile(home);
  if (!(await readFile(file, 'utf8').catch(() => ''))) {
    await writeFile(file, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 });
  }
  if (home.user) await chown(file, home.user.uid, home.user.gid);
  return file;
}

async function deleteDrafts(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith(draftPrefix)) continue;
    const draft = path.join(directory, name);
    await endProcessesIn(draft, ['SIGKILL']); // an initdb outlives the Node process that began it
    await rm(draft, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function runInitdb(file: string, args: string[], home: Home, log: (line: string) => void): Promise<void> {
  const child = spawn(file, args, {
    ...home.user,
    cwd: home.directory, // Node's own may be closed to the user
    windowsHide: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: postgresEnvironment(),
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`PostgreSQL's initdb failed (exit code ${code}):\n${output}`);
  if (output.trim()) log(output.trim());
}
