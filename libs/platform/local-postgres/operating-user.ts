import { chmod, mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/** The user that PostgreSQL runs as when Node runs as root. */
export interface OperatingUser {
  readonly uid: number;
  readonly gid: number;
}

export function runsAsRoot(): boolean {
  return process.getuid?.() === 0;
}

/** PostgreSQL refuses to run as root: postgres takes its place, else nobody. */
export async function unprivilegedUser(): Promise<OperatingUser> {
  const entries = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const entry = entries.find(([name]) => name === 'postgres') ?? entries.find(([name]) => name === 'nobody');
  if (!entry) throw new Error('PostgreSQL cannot run as root, and the system has neither a postgres nor a nobody user');
  return { uid: Number(entry[2]), gid: Number(entry[3]) };
}

/** True when the user can walk down to `file` and read it (and enter or run it). Access lists are not looked at. */
export async function canReach(file: string, user: OperatingUser): Promise<boolean> {
  let current = path.resolve(file);
  if (!(await allows(current, user, 5))) return false;
  while (current !== path.dirname(current)) {
    current = path.dirname(current);
    if (!(await allows(current, user, 1))) return false;
  }
  return true;
}

/** @param bits of one rwx triple, such as 5 for r-x */
async function allows(file: string, user: OperatingUser, bits: number): Promise<boolean> {
  const { mode, uid, gid } = await stat(file);
  const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
  return ((mode >> shift) & bits) === bits;
}

/** A directory that everybody may enter. A mode given to a recursive mkdir is narrowed by the umask, so it is set afterwards. */
export async function makeEnterable(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o755);
}
