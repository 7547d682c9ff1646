import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { loadClientBinary } from './load-client-binary.ts';
import type { LoadReport } from './load-report.ts';

export interface LoadClientOptions {
  readonly dialect: 'testcast' | 'socketio' | 'centrifugo' | 'plain';
  /** Tried in turn: after a loss or a refusal a member goes to the next, as behind a balancer. */
  readonly ports: readonly number[];
  readonly sockets: number;
  readonly rooms: number;
  /** Name of a room; `%` stands for its number. */
  readonly room: string;
  readonly header?: string | undefined;
  /** Handshakes at once; 0 = all. Default 256. */
  readonly opening?: number | undefined;
  /** Members, the first ones, that read 2 KiB ten times a second; the client made of Node.js has none. */
  readonly slow?: number | undefined;
  /** Bytes that slow members read instead, ten times a second. */
  readonly slowBytes?: number | undefined;
  /** File that each arrival is written to: when the event was due and when it came; flushed before a report. */
  readonly arrivals?: string | undefined;
  /** Whether members of Socket.IO ask for their session when they come back. */
  readonly recover?: boolean | undefined;
  /** Whether a room's members begin at all of the ports in turn, instead of at the first. */
  readonly spread?: boolean | undefined;
  /** Ports where members ask `POST /v1/connect` before each connect, to go where it sends them. Default: nobody asks. */
  readonly ask?: readonly number[] | undefined;
}

/** How many sockets the client made of Node.js is asked for at most: its own cost would be measured beyond. */
export const mostSocketsOfNode = 2_000;

/** Whether there is a compiler for the client in C. */
export const isNative = (): boolean => loadClientBinary() !== undefined;

/** Subscribers in a process of their own: the client in C, or without a compiler one made of Node.js. */
export class LoadClient {
  private readonly waiting: ((report: LoadReport) => void)[] = [];
  private latest: LoadReport | undefined;
  private errors = '';
  /** When all members were in their rooms, of the monotonic clock; each time they came to be. */
  readonly allReadyAt: number[] = [];

  private constructor(private readonly child: ChildProcess) {
    createInterface({ input: child.stdout! }).on('line', (line) => this.take(JSON.parse(line) as LoadReport));
    child.stderr!.on('data', (chunk: Buffer) => (this.errors = (this.errors + chunk.toString()).slice(-4_000)));
  }

  static start(options: LoadClientOptions): LoadClient {
    const { dialect, ports, sockets, rooms, room, header, opening, slow, slowBytes, arrivals, recover, spread, ask } =
      options;
    const settings = {
      dialect,
      ports: ports.join(','),
      sockets,
      rooms,
      room,
      header,
      opening,
      slow,
      'slow-bytes': slowBytes,
      arrivals,
      recover: recover === false ? 'no' : undefined,
      spread: spread === true ? 'yes' : undefined,
      ask: ask?.join(','),
    };
    const args = Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [] : `${name}=${value}`));
    const binary = loadClientBinary();
    const script = fileURLToPath(new URL('node-load-client.process.js', import.meta.url));
    return new LoadClient(
      binary === undefined
        ? spawn(process.execPath, [script, ...args], { stdio: 'pipe' })
        : spawn(binary, args, { stdio: 'pipe' }),
    );
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** What it said on stderr: the first refusals and errors, word by word. */
  get said(): string {
    return this.errors;
  }

  /** The last report that it made by itself, once a second. */
  get now(): LoadReport | undefined {
    return this.latest;
  }

  /** Waits until `enough` says so of the reports of each second. @throws Error after `withinMs`, or when the client ended */
  async until(what: string, enough: (report: LoadReport) => boolean, withinMs: number): Promise<LoadReport> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const report = await this.report();
      if (enough(report)) return report;
      if (performance.now() > deadline) {
        throw new Error(`not within ${withinMs} ms: ${what}; ${JSON.stringify(report)}\n${this.errors}`);
      }
      await delay(50);
    }
  }

  /** Counts since the last mark; counting goes on. */
  report(): Promise<LoadReport> {
    return this.ask('report');
  }

  /** Counts since the last mark, and counts anew. */
  mark(): Promise<LoadReport> {
    return this.ask('mark');
  }

  /** Whether each member is cut off about every 15 s for 2 s. */
  flap(on: boolean): void {
    this.child.stdin!.write(`flap ${on ? 'on' : 'off'}\n`);
  }

  async stop(): Promise<void> {
    if (this.ended) return;
    const exited = once(this.child, 'exit');
    this.child.stdin!.end('quit\n');
    await exited;
  }

  private get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private ask(command: 'report' | 'mark'): Promise<LoadReport> {
    return new Promise((resolve, reject) => {
      if (this.ended) return reject(new Error(`the load client ended:\n${this.errors}`));
      const fail = () => reject(new Error(`the load client ended:\n${this.errors}`));
      this.child.once('exit', fail);
      this.waiting.push((report) => {
        this.child.off('exit', fail);
        resolve(report);
      });
      this.child.stdin!.write(`${command}\n`);
    });
  }

  private take(report: LoadReport): void {
    if (report.report === 'all-ready') this.allReadyAt.push(report.us);
    else if (report.report === 'second') this.latest = report;
    else this.waiting.shift()?.(report);
  }
}
