import { WebSocket } from 'ws';
import { type Dialect, dialects } from './node-dialects.ts';
import type { Place, Tally } from './tally.ts';

export interface SubscriberOptions {
  readonly dialect: string;
  readonly ports: readonly number[];
  readonly header?: string | undefined;
  readonly recover: boolean;
}

/** Who says when a handshake may begin. */
export interface Opening {
  /** A handshake has ended, well or not. */
  settled(): void;
  again(subscriber: NodeSubscriber): void;
}

const stamp = /@(\d{16})/g;
const offset = /"offset":(\d+)/g;

/** One subscriber of one room, whatever connection it is on. */
export class NodeSubscriber implements Place {
  last: number | undefined;
  ready = false;
  private readonly dialect: Dialect;
  private socket: WebSocket | undefined;
  private attempts = 0;
  private flapping: NodeJS.Timeout | undefined;
  private shouldFlap = false;
  private began = 0;
  private readyAt = 0;
  private away: number | undefined;
  private recovering: { readonly since: number; readonly to: number } | undefined;

  constructor(
    readonly room: string,
    private readonly options: SubscriberOptions,
    private readonly tally: Tally,
    private readonly opening: Opening,
    /** Where it begins among the ports. */
    private port = 0,
  ) {
    const dialect = dialects[options.dialect];
    if (dialect === undefined) throw new Error(`the client made of Node.js does not speak ${options.dialect}`);
    this.dialect = dialect();
  }

  connect(): void {
    const { ports, header = '' } = this.options;
    const [name = '', ...value] = header.split(': ');
    this.began = this.tally.now();
    if (this.last !== undefined) this.recovering = { since: this.began, to: this.tally.heads.get(this.room) ?? 0 };
    const socket = new WebSocket(`ws://127.0.0.1:${ports[this.port % ports.length]}${this.dialect.path}`, {
      headers: header === '' ? {} : { [name]: value.join(': ') },
      perMessageDeflate: false,
    });
    this.socket = socket;
    let reconnectInMs: number | undefined;
    const client = {
      send: (text: string) => socket.send(text),
      joined: (at?: number) => this.joined(at),
      events: (text: string) => this.take(text),
      closing: (inMs: number) => (reconnectInMs = inMs),
      failed: () => this.tally.count('errors'),
    };
    socket.on('open', () => {
      this.tally.time('upgraded', this.tally.now() - this.began);
      this.dialect.opened(client, this.room, this.last);
    });
    socket.on('message', (data: Buffer) => {
      this.tally.count('bytes', data.length);
      this.tally.count('reads');
      this.dialect.text(client, data.toString(), this.room);
    });
    socket.on('unexpected-response', () => {
      this.tally.count('refused');
      socket.terminate();
    });
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', () => this.closed(socket, reconnectInMs));
  }

  flap(on: boolean): void {
    this.shouldFlap = on;
    clearTimeout(this.flapping);
    if (on) this.flapping = setTimeout(() => this.cut(), Math.random() * 15_000);
  }

  private cut(): void {
    if (!this.ready) return;
    this.tally.count('cut');
    this.leave();
    const socket = this.socket!;
    this.socket = undefined;
    socket.terminate();
    setTimeout(() => this.opening.again(this), 2_000);
  }

  private joined(at?: number): void {
    if (this.ready) return;
    this.ready = true;
    this.attempts = 0;
    const now = this.tally.now();
    this.readyAt = now;
    this.tally.time('joined', now - this.began);
    this.last ??= at;
    if (this.away !== undefined) {
      this.tally.count('reconnects');
      this.tally.time('away', now - this.away);
    }
    this.caughtUp();
    if (this.shouldFlap) this.flapping = setTimeout(() => this.cut(), 10_000 + Math.random() * 10_000);
    this.opening.settled();
  }

  private leave(): void {
    this.ready = false;
    this.away = this.tally.now();
  }

  private closed(socket: WebSocket, reconnectInMs: number | undefined): void {
    // Cut by itself: it is on its way back already.
    if (socket !== this.socket) return;
    if (this.ready) {
      this.tally.count('lost');
      this.leave();
    } else {
      this.opening.settled();
    }
    this.port += 1;
    const jittered = Math.random() * Math.min(20_000, 500 * 2 ** this.attempts++);
    setTimeout(() => this.opening.again(this), reconnectInMs ?? jittered);
  }

  private take(text: string): void {
    const stamps = [...text.matchAll(stamp)];
    const offsets = [...text.matchAll(offset)].map(([, digits]) => Number(digits));
    if (stamps.length === 0) return;
    const now = this.tally.now();
    this.tally.count('frames');
    this.tally.count('events', stamps.length);
    for (const [, due] of stamps) {
      this.tally.arrived(Number(due));
      if (Number(due) >= this.readyAt) this.tally.time('latency', now - Number(due));
      else this.tally.count('replayed');
    }
    for (const next of offsets) {
      if (this.last !== undefined && next <= this.last) this.tally.count('repeated');
      else if (this.last !== undefined) this.tally.count('missing', next - this.last - 1);
      this.last = Math.max(this.last ?? 0, next);
    }
    if ((this.tally.heads.get(this.room) ?? 0) < this.last!) this.tally.heads.set(this.room, this.last!);
    this.caughtUp();
  }

  private caughtUp(): void {
    if (this.recovering === undefined || (this.last ?? 0) < this.recovering.to) return;
    this.tally.time('replay', this.tally.now() - this.recovering.since);
    this.recovering = undefined;
  }
}
