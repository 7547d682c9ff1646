import { WebSocket } from 'ws';

export type Frame = Record<string, unknown> & { type: string; id?: number };

/** A bare WebSocket with requests that await their reply; nothing of the product's own client in it. */
export class Socket {
  private nextId = 1;
  private readonly waiting = new Map<number, { resolve: (frame: Frame) => void; reject: (error: Error) => void }>();
  private constructor(
    private readonly socket: WebSocket,
    onPush: (frame: Frame) => void,
    onClose: (code: number) => void,
  ) {
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as Frame;
      const waiting = frame.id === undefined ? undefined : this.waiting.get(frame.id);
      if (frame.id === undefined || waiting === undefined) return onPush(frame);
      this.waiting.delete(frame.id);
      waiting.resolve(frame);
    });
    socket.on('close', (code) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`closed with ${code} before the reply`));
      this.waiting.clear();
      onClose(code);
    });
    socket.on('error', () => {}); // 'close' follows
  }

  static async open(
    url: string,
    token: string,
    onPush: (frame: Frame) => void = () => {},
    onClose: (code: number) => void = () => {},
  ): Promise<Socket> {
    const socket = new WebSocket(url, ['testcast.v1'], { headers: { authorization: `Bearer ${token}` } });
    const opened = new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    const own = new Socket(socket, onPush, onClose);
    await opened;
    return own;
  }

  request(type: string, data: unknown): Promise<Frame> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      if (this.socket.readyState !== WebSocket.OPEN) return reject(new Error('not open'));
      this.waiting.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ id, type, data }));
    });
  }

  /** Cuts the line without a close handshake. */
  cut(): void {
    this.socket.terminate();
  }
}
