import { createHash } from 'node:crypto';
import { mkdir, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { canReach, makeEnterable, type OperatingUser, runsAsRoot, unprivilegedUser } from './operating-user.ts';

/** Where the files of one database live, and who runs it. */
export interface Home {
  /** real path; holds cluster/, password and owner.json */
  readonly directory: string;
  /** absent: PostgreSQL runs as the user that Node runs as */
  readonly user?: OperatingUser;
  /** set when `directory` lies outside the data directory */
  readonly pointer?: { readonly file: string; readonly isNew: boolean };
}

export const clusterIn = (directory: string): string => path.join(directory, 'cluster');

/**
 * The data directory itself, except for root with a data directory that the unprivileged user cannot enter (below /root,
 * or under umask 077): then `<systemDir>/<hash of the data directory's real path>`, which `<dataDir>/location` names.
 * The pointer is followed for as long as it exists, so the data survives a change of modes or a moved data directory.
 */
export async function findHome(dataDir: string, systemDir: string): Promise<Home> {
  await mkdir(dataDir, { recursive: true });
  const directory = await realpath(dataDir);
  const file = path.join(directory, 'location');
  const elsewhere = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (elsewhere) return await pointedTo(elsewhere, file);
  if (!runsAsRoot()) return { directory };

  const owner = await ownerOfCluster(directory);
  const user = owner ?? (await unprivilegedUser());
  if (await canReach(directory, user)) return { directory, user };
  if (owner) {
    throw new Error(
      `The database in ${directory} belongs to the user with id ${owner.uid}, who cannot enter that path. ` +
        'Give every directory above it execute permission for others (chmod o+x), or move it.',
    );
  }
  const hash = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  const moved = path.join(systemDir, hash);
  await makeEnterable(systemDir);
  await makeEnterable(moved);
  return { directory: moved, user: (await ownerOfCluster(moved)) ?? user, pointer: { file, isNew: true } };
}

/** Written before the cluster exists, so that no crash leaves a database that nothing points to. */
export async function writePointer(home: Home): Promise<void> {
  if (home.pointer?.isNew) await writeFile(home.pointer.file, `${home.directory}\n`);
}

async function pointedTo(directory: string, file: string): Promise<Home> {
  if (!(await stat(directory).catch(() => undefined))) {
    throw new Error(
      `${file} says that the database is in ${directory}, which is gone or closed to this user. ` +
        `Bring it back, run as the user who made it, or delete ${file} to begin with an empty database.`,
    );
  }
  const pointer = { file, isNew: false };
  if (!runsAsRoot()) return { directory, pointer };
  return { directory, user: (await ownerOfCluster(directory)) ?? (await unprivilegedUser()), pointer };
}

/** Whoever made the cluster goes on running it: a postgres user that is added later could not read what nobody wrote. */
async function ownerOfCluster(directory: string): Promise<OperatingUser | undefined> {
  const made = await stat(clusterIn(directory)).catch(() => undefined);
  return made && made.uid !== 0 ? { uid: made.uid, gid: made.gid } : undefined;
}
