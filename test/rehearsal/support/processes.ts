import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import path from 'node:path';

/** Programs that one rehearsal started, and ends, the last one first; what each of them says goes to a file. */
export class Processes {
  private readonly running: { readonly name: string; readonly child: ChildProcess }[] = [];

  constructor(private readonly logs: string) {}

  start(name: string, program: string, args: readonly string[], env: Record<string, string> = {}): ChildProcess {
    const child = spawn(program, args, {
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // A program that is not there is told by whoever waits for it.
    child.on('error', () => undefined);
    const log = createWriteStream(path.join(this.logs, `${name}.log`), { flags: 'a' });
    for (const stream of [child.stdout, child.stderr]) stream.pipe(log, { end: false });
    child.once('close', () => log.end());
    this.running.push({ name, child });
    return child;
  }

  async stop(): Promise<void> {
    for (const { child } of this.running.toReversed()) await end(child, 5000);
  }
}

/** SIGTERM, and SIGKILL after so many milliseconds. */
export async function end(child: ChildProcess, withinMs: number): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), withinMs);
  await exited;
  clearTimeout(force);
}
