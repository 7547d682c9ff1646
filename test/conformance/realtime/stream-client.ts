import type { IncomingMessage } from 'node:http';
import type { ServerFrame, ServerPush } from '@testcast/contracts';
import { eventually } from '#platform/testing';
import { type ClientOptions, WebSocket } from 'ws';

export type Reply = Extract<ServerFrame, { type: 'ok' | 'error' }>;
type PushOf<T extends ServerPush['type']> = Extract<ServerPush, { type: T }>;

/** A client that keeps what it gets in the order in which it came, and does nothing by itself. */
export class StreamClient {
  readonly frames: ServerFrame[] = [];
  closeCode: number | undefined;
  private nextId = 1;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => this.frames.push(JSON.parse(data.toString()) as ServerFrame));
    socket.on('close', (code) => (this.closeCode = code));
    socket.on('error', () => undefined);
  }

  /** Connected, and greeted. */
  static async connect(url: string, token = 'alice', options: ClientOptions = {}): Promise<StreamClient> {
    const client = new StreamClient(
      new WebSocket(url, 'testcast.v1', {
        ...options,
        headers: { authorization: `Bearer ${token}`, ...options.headers },
      }),
    );
    await client.push('connected');
    return client;
  }

  /** With the token of a `migrate`, greeted. */
  static async comeWith(url: string, token: string): Promise<StreamClient> {
    const client = new StreamClient(new WebSocket(`${url}?migration=${token}`, 'testcast.v1'));
    await client.push('connected');
    return client;
  }

  send(type: string, data?: unknown, id: number | string = this.nextId++): number | string {
    this.socket.send(JSON.stringify({ id, type, data }));
    return id;
  }

  async request(type: string, data?: unknown): Promise<Reply> {
    return this.reply(this.send(type, data));
  }

  /** The data of an `ok`. */
  async ok<T = Record<string, unknown>>(type: string, data?: unknown): Promise<T> {
    const reply = await this.request(type, data);
    if (reply.type !== 'ok') throw new Error(`${type} was refused: ${JSON.stringify(reply.error)}`);
    return reply.data as T;
  }

  reply(id: number | string): Promise<Reply> {
    return this.find((frame): frame is Reply => 'id' in frame && frame.id === id, `a reply to ${id}`);
  }

  push<T extends ServerPush['type']>(type: T): Promise<PushOf<T>> {
    return this.find((frame): frame is PushOf<T> => frame.type === type, `a push of type ${type}`);
  }

  pushes<T extends ServerPush['type']>(type: T): PushOf<T>[] {
    return this.frames.filter((frame): frame is PushOf<T> => frame.type === type);
  }

  /** Offsets of all events of a room, in the order in which they came. */
  offsets(room: string): number[] {
    return this.pushes('events').flatMap((push) => (push.room === room ? push.events.map(({ offset }) => offset) : []));
  }

  async closed(): Promise<number> {
    return eventually(
      () => {
        if (this.closeCode === undefined) throw new Error('it is open');
        return this.closeCode;
      },
      { within: 10_000, message: 'the connection is closed' },
    );
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed();
  }

  private find<F extends ServerFrame>(is: (frame: ServerFrame) => frame is F, what: string): Promise<F> {
    return eventually(
      () => {
        const found = this.frames.find(is);
        if (found === undefined) throw new Error(`not among ${JSON.stringify(this.frames.slice(-3)).slice(0, 500)}`);
        return found;
      },
      { every: 2, message: what },
    );
  }
}

export interface Refusal {
  status: number;
  statusText: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}

/** The plain HTTP answer to an upgrade that is refused; throws for one that is accepted, whose socket stays open. */
export function refusalOf(url: string, options: ClientOptions = {}): Promise<Refusal> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, options);
    socket.on('open', () => reject(new Error('the upgrade was accepted')));
    socket.on('error', reject);
    socket.on('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () =>
        resolve({ status: response.statusCode!, statusText: response.statusMessage, headers: response.headers, body }),
      );
    });
  });
}
