import { once } from 'node:events';
import { WebSocket } from 'ws';

export interface Reply {
  readonly type: string;
  readonly error?: { readonly code: string };
}

/** A socket of one caller, or the refusal of its upgrade. */
export class SocketUnderTest {
  private nextId = 1;
  private readonly waiting = new Map<number, (reply: Reply) => void>();

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (raw: Buffer) => {
      const frame = JSON.parse(raw.toString('utf8')) as Reply & { id?: number };
      if (frame.id !== undefined) this.waiting.get(frame.id)?.(frame);
    });
  }

  static async open(
    url: string,
    token: string | undefined,
  ): Promise<SocketUnderTest | { status: number; code: string }> {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const socket = new WebSocket(url, { headers });
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(new SocketUnderTest(socket)));
      socket.once('unexpected-response', (_request, response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          const { error } = JSON.parse(text) as { error: { code: string } };
          resolve({ status: response.statusCode!, code: error.code });
        });
      });
      socket.once('error', reject);
    });
  }

  async request(type: string, data: unknown): Promise<Reply> {
    const id = this.nextId++;
    const reply = new Promise<Reply>((resolve) => this.waiting.set(id, resolve));
    this.socket.send(JSON.stringify({ id, type, data }));
    return reply.finally(() => this.waiting.delete(id));
  }

  /** Resolves to the close code. */
  async closed(): Promise<number> {
    const [code] = (await once(this.socket, 'close')) as [number];
    return code;
  }

  close(): void {
    this.socket.terminate();
  }
}
