import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { answersSignals, postgresProcessesIn } from './process-table.ts';

const patience: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 2_000, SIGQUIT: 500, SIGKILL: 1_000 };

/**
 * Ends what an earlier run left of `cluster`, whose owner is known to be dead: a postmaster that outlived its Node
 * process, or children that outlived their postmaster. Takes 3.5 s at worst.
 *
 * A stale postmaster.pid goes too when PostgreSQL would believe it: it asks no more than whether the pid answers a signal,
 * and so does a zombie that nobody has reaped yet (12 s and more were seen where process 1 is no real init), or a
 * stranger who was given the same pid after a reboot.
 */
export async function endLeftovers(cluster: string, pgCtl: string, log: (line: string) => void): Promise<void> {
  const pidFile = path.join(cluster, 'postmaster.pid');
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  if (!pid) return;
  const running = await postgresProcessesIn(cluster);
  if (running === undefined) return await stopWithPgCtl(cluster, pgCtl);
  if (running.length > 0) log(`stopping the PostgreSQL (pid ${pid}) that an earlier start left behind`);
  if (running.includes(pid)) await signal([pid], cluster, 'SIGINT');
  await endProcessesIn(cluster, ['SIGQUIT', 'SIGKILL']);
  if (answersSignals(pid)) await rm(pidFile, { force: true });
}

/** Sends the signals in turn, each to whatever is still there. @throws when something survives them all */
export async function endProcessesIn(directory: string, signals: NodeJS.Signals[]): Promise<void> {
  let running = (await postgresProcessesIn(directory)) ?? [];
  for (const name of signals) {
    if (running.length > 0) running = await signal(running, directory, name);
  }
  if (running.length > 0) throw new Error(`processes ${running.join(', ')} hold ${directory} and cannot be ended`);
}

async function signal(pids: number[], directory: string, name: NodeJS.Signals): Promise<number[]> {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  const deadline = Date.now() + patience[name]!;
  for (;;) {
    const running = (await postgresProcessesIn(directory)) ?? [];
    if (running.length === 0 || Date.now() > deadline) return running;
    await delay(20);
  }
}

/** Fails when nothing is running, which is as good. */
async function stopWithPgCtl(cluster: string, pgCtl: string): Promise<void> {
  const child = spawn(pgCtl, ['stop', '-D', cluster, '-m', 'fast', '-t', '4'], { stdio: 'ignore', windowsHide: true });
  await new Promise((resolve) => {
    child.once('error', resolve);
    child.once('exit', resolve);
  });
}
