/**
 * A text frame of WebSocket, ready for the wire and never changed: built once, written to any number of sockets. Frames
 * of a server are not masked (RFC 6455, 5.1), so the same bytes are right for everyone.
 */
export class TextFrame {
  private body: Buffer | undefined;

  private constructor(
    /** Header and payload. */
    readonly wire: Buffer,
    private readonly headerBytes: number,
  ) {}

  static of(text: string): TextFrame {
    const length = Buffer.byteLength(text);
    const headerBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10;
    // One allocation for both: two buffers would be two writes for each of a room's sockets.
    const wire = Buffer.allocUnsafe(headerBytes + length);
    wire[0] = 0x81;
    if (headerBytes === 2) {
      wire[1] = length;
    } else if (headerBytes === 4) {
      wire[1] = 126;
      wire.writeUInt16BE(length, 2);
    } else {
      wire[1] = 127;
      wire.writeUInt32BE(Math.floor(length / 2 ** 32), 2);
      wire.writeUInt32BE(length >>> 0, 6);
    }
    wire.write(text, headerBytes);
    return new TextFrame(wire, headerBytes);
  }

  static ofJson(value: unknown): TextFrame {
    return TextFrame.of(JSON.stringify(value));
  }

  get bytes(): number {
    return this.wire.length;
  }

  /** The payload alone, for engines that write the header themselves. */
  get payload(): Buffer {
    // Kept: a view for each of ten thousand sockets would be ten thousand objects.
    return (this.body ??= this.wire.subarray(this.headerBytes));
  }
}
