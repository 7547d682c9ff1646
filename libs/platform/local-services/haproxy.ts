import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { eventually } from './eventually.ts';
import { keepLog } from './keep-log.ts';

/** Ports are those of 127.0.0.1. */
export interface HaproxyOptions {
  readonly configFile: string;
  /** Of the gateways, in the order of their names. */
  readonly gateways: readonly number[];
  readonly port: number;
  readonly metricsPort: number;
  /** Path of a socket of Unix. */
  readonly adminSocket: string;
  /** Further variables of the file. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** What it writes is added there. */
  readonly logFile?: string | undefined;
}

/** Whether there is an HAProxy to run; false, with one loud line, where there is none. @throws Error instead when CI is set */
export function hasHaproxy(): boolean {
  try {
    execFileSync('haproxy', ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    const message = 'no haproxy. Install HAProxy 2.6 or newer (Debian: haproxy).';
    if (process.env['CI']) throw new Error(message);
    console.warn(`\n*** TESTS WITH HAPROXY ARE SKIPPED: ${message} ***\n`);
    return false;
  }
}

/** A real HAProxy in front of gateways. */
export class Haproxy {
  private child: ChildProcess | undefined;
  private output = '';

  private constructor(private readonly options: HaproxyOptions) {}

  static async start(options: HaproxyOptions): Promise<Haproxy> {
    const haproxy = new Haproxy(options);
    await haproxy.startAgain();
    return haproxy;
  }

  get port(): number {
    return this.options.port;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  async startAgain(): Promise<void> {
    const { configFile, metricsPort } = this.options;
    const child = spawn('haproxy', ['-db', '-f', configFile], { stdio: 'pipe', env: this.environment });
    this.child = child;
    keepLog(child, this.options.logFile);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (this.output = (this.output + chunk.toString()).slice(-20_000)));
    }
    let ended = '';
    child.once('exit', (code, signal) => (ended = `it ended with ${code ?? signal}:\n${this.output}`));
    child.once('error', ({ message }) => (ended = message));
    await eventually(
      async () => {
        if (ended === '') await fetch(`http://127.0.0.1:${metricsPort}/alive`);
      },
      { within: 10_000, message: 'HAProxy starts' },
    );
    if (ended !== '') throw new Error(`HAProxy did not start: ${ended}`);
  }

  /** Asks at its admin socket, as an operator does, such as `set server gateways/gateway-1 state drain`. */
  async command(text: string): Promise<string> {
    const socket = connect(this.options.adminSocket);
    socket.end(`${text}\n`);
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    return answer.trim();
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  private get environment(): NodeJS.ProcessEnv {
    const { gateways, port, metricsPort, adminSocket, env } = this.options;
    const servers = gateways.map((gateway, index) => [`GATEWAY_${index + 1}`, `127.0.0.1:${gateway}`]);
    return {
      PATH: process.env['PATH'],
      ...Object.fromEntries(servers),
      HTTP_BIND: `127.0.0.1:${port}`,
      METRICS_BIND: `127.0.0.1:${metricsPort}`,
      ADMIN_SOCKET: adminSocket,
      ...env,
    };
  }
}
