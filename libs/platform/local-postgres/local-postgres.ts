import { createServer } from 'node:net';
import path from 'node:path';
import { type Binaries, findBinaries } from './binaries.ts';
import { ensureCluster, readPassword, setAside } from './cluster.ts';
import { clusterIn, findHome, type Home, writePointer } from './home.ts';
import { endLeftovers } from './leftovers.ts';
import { OwnerFile } from './owner-file.ts';
import { Postmaster, type PostmasterExit } from './postmaster.ts';
import { ephemeralSettings, fixedSettings, ordinarySettings } from './settings.ts';

export interface LocalPostgresOptions {
  /** Made when it is missing. Belongs to this library: nothing else should live in it. */
  dataDir: string;
  /** absent: a free one */
  port?: number;
  /** over the defaults of settings.ts; names as in postgresql.conf */
  settings?: Record<string, string | number>;
  /** for tests: nothing is flushed, so a power cut may ruin it */
  ephemeral?: boolean;
  /** what the server logs, and what was done about an earlier start's leftovers */
  onLog?: (line: string) => void;
  /** for tests: an unpacked npm package of another version (default: the installed one) */
  packageDir?: string;
  /** where root puts what the unprivileged user cannot reach (default /var/lib/testcast) */
  systemDir?: string;
}

export interface LocalPostgres {
  /** of the superuser, with its password */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** where the files are: the data directory's real path, or one below systemDir */
  readonly directory: string;
  /** Resolves when the server is gone, whether by stop() or by itself; starting again is then safe. Never rejects. */
  readonly exited: Promise<PostmasterExit>;
  /** Resolves when everything is on disk and the process is gone. May be called again. */
  stop(): Promise<void>;
}

const portTries = 3;

/**
 * Starts a PostgreSQL of our own on 127.0.0.1, making its cluster at first, and cleaning up after an earlier start that
 * was killed: an orphaned server is stopped, a half-made cluster is made anew, a finished one is never deleted.
 *
 * @throws PostgresBinariesMissing when npm has not installed it for this platform
 * @throws Error when a living process owns the data directory, or the server does not come up (with what it said)
 */
export async function startLocalPostgres(options: LocalPostgresOptions): Promise<LocalPostgres> {
  const log = options.onLog ?? (() => {});
  const systemDir = options.systemDir ?? '/var/lib/testcast';
  const home = await findHome(path.resolve(options.dataDir), systemDir);
  const owner = await OwnerFile.claim(path.join(home.directory, 'owner.json'));
  try {
    const binaries = await findBinaries(home.user, systemDir, options.packageDir);
    await endLeftovers(clusterIn(home.directory), binaries.pgCtl, log);
    if (home.pointer?.isNew) {
      await setAside(home, log);
      await writePointer(home);
      log(`PostgreSQL's user cannot enter ${path.dirname(home.pointer.file)}: the database is in ${home.directory}`);
    }
    await ensureCluster({ home, binaries, durable: !options.ephemeral, log });
    return await serve(home, binaries, owner, options);
  } catch (error) {
    await owner.release();
    throw error;
  }
}

async function serve(
  home: Home,
  binaries: Binaries,
  owner: OwnerFile,
  options: LocalPostgresOptions,
): Promise<LocalPostgres> {
  const password = await readPassword(home);
  for (let attempt = 1; ; attempt++) {
    const port = options.port || (await freePort());
    const postmaster = new Postmaster({
      program: binaries.postgres,
      cluster: clusterIn(home.directory),
      settings: {
        ...ordinarySettings,
        ...(options.ephemeral ? ephemeralSettings : {}),
        ...options.settings,
        ...fixedSettings,
        port,
      },
      user: home.user,
      log: options.onLog ?? (() => {}),
    });
    if (await postmaster.ready()) return running(home, postmaster, owner, port, password);
    // Another process may have taken the port since it was free.
    const retry = !options.port && attempt < portTries && /Address already in use/i.test(postmaster.output);
    if (!retry) throw new Error(`PostgreSQL did not start in ${home.directory}:\n${postmaster.output}`);
  }
}

function running(home: Home, postmaster: Postmaster, owner: OwnerFile, port: number, password: string): LocalPostgres {
  const exited = postmaster.exited.then(async (exit) => {
    await owner.release().catch(() => {}); // the directory may have been deleted
    return exit;
  });
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    port,
    pid: postmaster.pid,
    directory: home.directory,
    exited,
    async stop() {
      await postmaster.stop();
      await exited;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}
