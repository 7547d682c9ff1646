import { connect, type Socket } from 'node:net';
import { eventually } from '#platform/testing';

export interface ServerRawFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface FrameShape {
  readonly opcode?: number;
  readonly payload?: string | Buffer;
  readonly fin?: boolean;
  /** The three reserved bits, 4 is RSV1. */
  readonly reserved?: number;
  readonly masked?: boolean;
}

/** A frame of a client, right or wrong (RFC 6455, 5.2). */
export function clientFrame({
  opcode = opcodes.text,
  payload = '',
  fin = true,
  reserved = 0,
  masked = true,
}: FrameShape): Buffer {
  const body = Buffer.from(payload as string);
  const lengthBytes = body.length < 126 ? 0 : body.length < 65_536 ? 2 : 8;
  const header = Buffer.alloc(2 + lengthBytes);
  header[0] = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  header[1] = (masked ? 0x80 : 0) | (lengthBytes === 0 ? body.length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) header.writeUInt16BE(body.length, 2);
  if (lengthBytes === 8) header.writeBigUInt64BE(BigInt(body.length), 2);
  if (!masked) return Buffer.concat([header, body]);
  const mask = Buffer.from([0x12, 0x34, 0x56, 0x78]);
  return Buffer.concat([header, mask, body.map((byte, index) => byte ^ mask[index % 4]!)]);
}

/** The example of RFC 6455, 1.3. */
export const sampleKey = 'dGhlIHNhbXBsZSBub25jZQ==';

export function handshake(url: string, headers: readonly string[] = []): string {
  const { host, pathname, search } = new URL(url);
  const lines = [
    `GET ${pathname}${search} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${sampleKey}`,
    'Sec-WebSocket-Protocol: chat, testcast.v1',
    'Authorization: Bearer alice',
    ...headers,
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** A client of our own on bare TCP, which can do what no library does. */
export class RawClient {
  readonly frames: ServerRawFrame[] = [];
  head = '';
  ended = false;
  private rest: Buffer = Buffer.alloc(0);

  private constructor(readonly tcp: Socket) {
    tcp.setNoDelay(true);
    tcp.on('data', (chunk: Buffer) => this.take(chunk));
    tcp.on('error', () => undefined);
    tcp.on('close', () => (this.ended = true));
  }

  /** Writes `first` as soon as there is a connection, and waits for nothing. */
  static write(url: string, first: string | Buffer): RawClient {
    const client = new RawClient(connect(Number(new URL(url).port), '127.0.0.1'));
    client.tcp.write(first);
    return client;
  }

  /** After the handshake and the greeting. */
  static async open(url: string): Promise<RawClient> {
    const client = RawClient.write(url, handshake(url));
    await client.texts(1);
    return client;
  }

  send(...shapes: readonly FrameShape[]): void {
    this.tcp.write(Buffer.concat(shapes.map(clientFrame)));
  }

  /** Waits until that many texts have come. */
  texts(count: number): Promise<unknown[]> {
    return eventually(
      () => {
        const texts = this.frames.filter(({ opcode }) => opcode === opcodes.text);
        if (texts.length < count)
          throw new Error(`${texts.length} texts have come${this.ended ? ', and the end' : ''}`);
        return texts.map(({ payload }) => JSON.parse(payload.toString()) as unknown);
      },
      { every: 2, message: `${count} texts` },
    );
  }

  /** Waits for the end. @returns the code of the close frame, if there was one */
  async closed(): Promise<number | undefined> {
    await eventually(
      () => {
        if (!this.ended) throw new Error('it is open');
      },
      { every: 2, within: 10_000, message: 'the connection ends' },
    );
    const close = this.frames.find(({ opcode }) => opcode === opcodes.close);
    return close === undefined || close.payload.length < 2 ? undefined : close.payload.readUInt16BE(0);
  }

  private take(chunk: Buffer): void {
    this.rest = Buffer.concat([this.rest, chunk]);
    if (this.head === '') {
      const end = this.rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.head = this.rest.subarray(0, end).toString();
      this.rest = this.rest.subarray(end + 4);
    }
    if (this.head.startsWith('HTTP/1.1 101')) while (this.takeFrame());
  }

  private takeFrame(): boolean {
    const { rest } = this;
    if (rest.length < 2) return false;
    const short = rest[1]! & 0x7f;
    const header = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (rest.length < header) return false;
    const length = short < 126 ? short : short === 126 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2));
    if (rest.length < header + length) return false;
    this.frames.push({ opcode: rest[0]! & 0x0f, payload: rest.subarray(header, header + length) });
    this.rest = rest.subarray(header + length);
    return true;
  }
}
