import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { keepLog } from '#platform/local-services';

export interface AppProcessOptions {
  readonly app: 'gateway' | 'projector' | 'standalone';
  readonly env: Record<string, string>;
  /** Default: the Node.js that runs the tests. */
  readonly node?: string | undefined;
  /** Polled until it answers 200. */
  readonly readyUrl: string;
  readonly withinMs?: number;
  /** What it writes is added there. */
  readonly logFile?: string | undefined;
}

/** A built app as a real process. Its output is kept, and shown when something goes wrong. */
export class AppProcess {
  private child: ChildProcess | undefined;
  private output = '';

  constructor(private readonly options: AppProcessOptions) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  get log(): string {
    return this.output;
  }

  async start(): Promise<void> {
    const { app, env, node = process.execPath, readyUrl, withinMs = 30_000 } = this.options;
    // As `npm start` and the image start it.
    const flags = [...(app === 'projector' ? [] : ['--max-semi-space-size=64']), '--enable-source-maps'];
    const child = spawn(node, [...flags, `dist/run/${app}/main.js`], {
      env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    keepLog(child, this.options.logFile);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (this.output = (this.output + chunk.toString()).slice(-50_000)));
    }
    const deadline = Date.now() + withinMs;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`${app} exited with ${child.exitCode}:\n${this.output}`);
      if (await answers(readyUrl)) return;
      if (Date.now() > deadline) throw new Error(`${app} was not ready within ${withinMs} ms:\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  /** Asks to stop, and insists after ten seconds. */
  async stop(): Promise<void> {
    const force = setTimeout(() => this.child?.kill('SIGKILL'), 10_000);
    await this.kill('SIGTERM');
    clearTimeout(force);
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1000) })).ok;
  } catch {
    return false;
  }
}
