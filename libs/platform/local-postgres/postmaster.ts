import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { postgresEnvironment } from './environment.ts';
import type { OperatingUser } from './operating-user.ts';

/** How a server ended. */
export interface PostmasterExit {
  /** true after stop(), false when it died by itself */
  readonly requested: boolean;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface PostmasterOptions {
  readonly program: string;
  readonly cluster: string;
  readonly settings: Readonly<Record<string, string | number>>;
  readonly user: OperatingUser | undefined;
  readonly log: (line: string) => void;
}

/** How long a shutdown that waits for its checkpoint may take before it is cut short; the next start then recovers. */
const shutdownMillis = 30_000;
const keptOutput = 8_000;

/** The PostgreSQL server process, which Node starts and outlives. */
export class Postmaster {
  readonly exited: Promise<PostmasterExit>;
  private readonly child: ChildProcess;
  private requested = false;
  /** the end of what it wrote, for messages */
  output = '';

  constructor(options: PostmasterOptions) {
    const settings = Object.entries(options.settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    this.child = spawn(options.program, ['-D', options.cluster, ...settings], {
      ...options.user,
      cwd: options.cluster, // Node's own may be closed to the user
      // Ctrl-C in a terminal goes to the whole process group: it must reach Node only, which stops PostgreSQL last.
      detached: true,
      windowsHide: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: postgresEnvironment(),
    });
    // process.exit() and uncaught errors must not leave a server behind; only kill -9 does, see leftovers.ts.
    const onNodeExit = (): void => void this.child.kill('SIGINT');
    process.once('exit', onNodeExit);
    this.exited = new Promise((resolve) => {
      const settle = (code: number | null, signal: NodeJS.Signals | null): void => {
        process.off('exit', onNodeExit);
        resolve({ requested: this.requested, code, signal });
      };
      this.child.once('exit', settle);
      this.child.once('error', (error) => {
        this.output += error.message;
        settle(null, null);
      });
    });
    this.child.stderr!.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      this.output = (this.output + text).slice(-keptOutput);
      options.log(text.trimEnd());
    });
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Resolves to false when the server ended instead of becoming ready. */
  async ready(): Promise<boolean> {
    const announced = new Promise<boolean>((resolve) => {
      this.child.stderr!.on('data', () => {
        if (this.output.includes('database system is ready to accept connections')) resolve(true);
      });
    });
    return Promise.race([announced, this.exited.then(() => false)]);
  }

  /** A fast shutdown: open transactions are rolled back, everything committed is on disk. */
  async stop(): Promise<void> {
    this.requested = true;
    this.child.kill('SIGINT');
    const limit = new AbortController();
    void delay(shutdownMillis, undefined, { signal: limit.signal }).then(
      () => this.child.kill('SIGQUIT'),
      () => {},
    );
    await this.exited;
    limit.abort();
  }
}
