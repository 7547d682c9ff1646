import { readFile, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { clusterIn } from './home.ts';
import { endProcessesIn } from './leftovers.ts';
import { OwnerFile } from './owner-file.ts';

/**
 * For throw-away servers, such as those of a test run that was killed: ends what still runs in `dataDir` and deletes it.
 * Does nothing when a living process owns it, or when it was stopped properly.
 */
export async function deleteAbandonedPostgres(dataDir: string): Promise<void> {
  const directory = await realpath(dataDir).catch(() => undefined);
  if (directory === undefined) return;
  const ownerFile = path.join(directory, 'owner.json');
  if (!(await readFile(ownerFile, 'utf8').catch(() => ''))) return;
  try {
    await OwnerFile.claim(ownerFile);
  } catch {
    return;
  }
  await endProcessesIn(clusterIn(directory), ['SIGQUIT', 'SIGKILL']);
  await rm(directory, { recursive: true, force: true });
}
