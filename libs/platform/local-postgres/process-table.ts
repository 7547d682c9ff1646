import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';

const hasProc = existsSync('/proc/self/stat');
const programs = new Set(['postgres', 'initdb']);

/** True when signal 0 reaches the pid. Also true for a zombie and for a thread, which is all that PostgreSQL looks at. */
export function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * When the process was born, in a form that only makes sense compared with another answer for the same machine; undefined
 * when it is gone or a zombie. A pid alone does not name a process: in a container that starts again the same pids come back.
 */
export async function birthOf(pid: number): Promise<string | undefined> {
  if (hasProc) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    // The name in brackets may itself hold blanks and brackets, so count the fields after the last one.
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (!fields || fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return fields[19];
  }
  if (process.platform === 'win32') return answersSignals(pid) ? 'unknown' : undefined;
  const [line] = await ps(['-o', 'stat=,lstart=', '-p', String(pid)]);
  return line === undefined || line.startsWith('Z') ? undefined : line.slice(line.indexOf(' ')).trim();
}

/**
 * The running PostgreSQL processes (postmaster, its children, initdb) that work in `directory`, a real path.
 * Undefined where the system has no process table to ask (Windows).
 */
export async function postgresProcessesIn(directory: string): Promise<number[] | undefined> {
  if (process.platform === 'win32') return undefined;
  if (!hasProc) {
    const lines = await ps(['-axo', 'pid=,command=']);
    return lines
      .filter((line) => /postgres|initdb/.test(line) && line.includes(directory))
      .map((line) => parseInt(line));
  }
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => worksIn(pid, directory)));
  return pids.filter((_, index) => found[index]).map(Number);
}

/** Every PostgreSQL process changes into its data directory; its children's titles do not show it, their cwd does. */
async function worksIn(pid: string, directory: string): Promise<boolean> {
  try {
    const name = (await readFile(`/proc/${pid}/comm`, 'utf8')).trim();
    if (!programs.has(name)) return false;
    if ((await readlink(`/proc/${pid}/cwd`)) === directory) return true;
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
    return words.includes(directory) || words.includes(`--pgdata=${directory}`);
  } catch {
    return false; // gone meanwhile, a zombie, or somebody else's
  }
}

function ps(args: string[]): Promise<string[]> {
  return new Promise((resolve) => {
    execFile(path.join('/bin', 'ps'), args, { env: { LC_ALL: 'C' }, maxBuffer: 16 * 1024 * 1024 }, (_, stdout) =>
      resolve(
        stdout
          .split('\n')
          .map((line) => line.trim())
          .filter(Boolean),
      ),
    );
  });
}
