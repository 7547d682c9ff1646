import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { birthOf } from './process-table.ts';

interface Owner {
  pid: number;
  birth: string;
}

/**
 * One Node process at a time owns a data directory: without this, a second start would take the first one's server for an
 * orphan and stop it. The file names the owner by pid and birth, so that it does not outlive its process or a reboot.
 */
export class OwnerFile {
  private constructor(private readonly path: string) {}

  /** @throws when a living process owns the directory, this one included */
  static async claim(path: string): Promise<OwnerFile> {
    const draft = `${path}.${randomUUID()}`;
    const me: Owner = { pid: process.pid, birth: (await birthOf(process.pid)) ?? 'unknown' };
    await writeFile(draft, JSON.stringify(me), { mode: 0o644 });
    try {
      for (let attempt = 0; attempt < 5; attempt++) {
        if (await placed(draft, path)) return new OwnerFile(path);
        await removeDead(path);
      }
      throw new Error(`${path} keeps being taken by other processes that are starting`);
    } finally {
      await rm(draft, { force: true });
    }
  }

  async release(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

/** A link fails when the name exists, and the file is never seen half-written. */
async function placed(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Renames before it deletes: between reading a dead owner's name and deleting the file, another start may have replaced
 * it, and deleting that one would let two owners in.
 */
async function removeDead(path: string): Promise<void> {
  const before = await readFile(path, 'utf8').catch(() => undefined);
  if (before === undefined) return;
  const owner = parse(before);
  if (owner && (await birthOf(owner.pid)) === owner.birth) throw new Error(refusal(path, owner));
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return; // another start was quicker
  }
  if ((await readFile(aside, 'utf8')) !== before) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

function parse(text: string): Owner | undefined {
  try {
    return JSON.parse(text) as Owner;
  } catch {
    return undefined; // cut short by a crash of the machine
  }
}

function refusal(path: string, owner: Owner): string {
  const who = owner.pid === process.pid ? `this process (${owner.pid})` : `process ${owner.pid}`;
  return `The database is in use by ${who}, which started it and is still running; stop that one first (${path})`;
}
