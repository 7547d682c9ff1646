import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';

const firstRetryMs = 100;
const longestRetryMs = 10_000;
/** A child that lived this long was well: the next retry is quick again. */
const wellAfterMs = 30_000;
const stopWithinMs = 10_000;
/** Nice: beside a gateway that takes all it gets, a third of the time. */
const priority = 5;

export interface ProjectorProcessOptions {
  readonly warn: (message: string) => void;
  /** Default: the built projector beside this app. */
  readonly program?: string | undefined;
}

/** The projector as a child, started again when it dies, which leaves by itself when this process dies. Emits what it says. */
export class ProjectorProcess extends EventEmitter<{ message: [unknown] }> {
  private child: ChildProcess | undefined;
  private stopping = false;
  private retryMs = firstRetryMs;
  private retry: NodeJS.Timeout | undefined;

  constructor(private readonly options: ProjectorProcessOptions) {
    super();
  }

  get connected(): boolean {
    return this.child?.connected === true;
  }

  /** `settings` are added to the environment of this process. */
  start(settings: NodeJS.ProcessEnv): void {
    const program = this.options.program ?? fileURLToPath(new URL('../projector/main.js', import.meta.url));
    const startedAt = performance.now();
    const child = fork(program, [], {
      env: { ...process.env, ...settings },
      execArgv: ['--enable-source-maps'],
      // A group of its own: Ctrl-C in a terminal reaches us alone, and the projector is stopped after the gateway.
      detached: true,
      // Standard output belongs to the ready line.
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    this.child = child;
    yieldToAppends(child.pid);
    // A channel that breaks while a hint is on its way would otherwise end this process.
    child.on('error', (error) => this.options.warn(`the projector's channel: ${error.message}`));
    // Whoever listens need not know that a new one took its place.
    child.on('message', (message) => this.emit('message', message));
    child.on('exit', (code, signal) => {
      if (this.stopping) return;
      if (performance.now() - startedAt > wellAfterMs) this.retryMs = firstRetryMs;
      this.options.warn(`the projector ended (${signal ?? `code ${code}`}) and is started again in ${this.retryMs} ms`);
      this.retry = setTimeout(() => this.start(settings), this.retryMs);
      this.retryMs = Math.min(this.retryMs * 2, longestRetryMs);
    });
  }

  /** A message that cannot be sent is not worth an error: the projector polls, and who waits for an answer does not for ever. */
  send(message: object): void {
    if (this.connected) this.child?.send(message, () => undefined);
  }

  /** Asks it to end, and makes it after 10 seconds. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.retry);
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const cut = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
    await gone;
    clearTimeout(cut);
  }

  /** Without waiting, for the way out of a process that is told twice. */
  kill(): void {
    this.stopping = true;
    this.child?.kill('SIGKILL');
  }
}

/** On cores that both want, a result is accepted before others are shown; with nothing else to run it changes nothing. */
function yieldToAppends(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, priority);
  } catch {
    // It has ended already, or the system has no such thing: it runs as everything else does.
  }
}
