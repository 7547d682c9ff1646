import { constants, deflateRawSync } from 'node:zlib';
import { type CompressedRooms, prefixOfRoom } from './compressed-rooms.ts';

/** Below this a message is hardly smaller for it. */
const deflateFromBytes = 1024;
/** Level 3 took half the time of 6 for a tenth more bytes, on frames of 10 to 200 events. */
const deflateOptions = { level: 3, finishFlush: constants.Z_SYNC_FLUSH };
/** What a flush ends with and the frame leaves out (RFC 7692, 7.2.1). */
const flushMarkBytes = 4;

/**
 * A text frame of WebSocket, ready for the wire and never changed: built once, written to any number of sockets. Frames
 * of a server are not masked (RFC 6455, 5.1), so the same bytes are right for everyone.
 */
export class TextFrame {
  private body: Buffer | undefined;
  private deflatedWire: Buffer | undefined;

  private constructor(
    /** Header and payload. */
    readonly wire: Buffer,
    private readonly headerBytes: number,
    private readonly room: string | undefined,
  ) {}

  /** @param room whose members all get it; a frame without one is for somebody alone */
  static of(text: string, room?: string): TextFrame {
    const length = Buffer.byteLength(text);
    const headerBytes = headerBytesOf(length);
    // One allocation for both: two buffers would be two writes for each of a room's sockets.
    const wire = Buffer.allocUnsafe(headerBytes + length);
    writeHeader(wire, 0x81, length);
    wire.write(text, headerBytes);
    return new TextFrame(wire, headerBytes, room);
  }

  static ofJson(value: unknown): TextFrame {
    return TextFrame.of(JSON.stringify(value));
  }

  /**
   * Header and payload for those who agreed on permessage-deflate without context takeover: without a context the same
   * bytes are right for all of them, and the work is done once. Short messages are as they are, and those of other rooms.
   *
   * @param rooms the same at every call
   */
  deflated(rooms: CompressedRooms): Buffer {
    return (this.deflatedWire ??= this.isToBeDeflated(rooms) ? deflate(this.payload) : this.wire);
  }

  get bytes(): number {
    return this.wire.length;
  }

  /** The payload alone, for engines that write the header themselves. */
  get payload(): Buffer {
    // Kept: a view for each of ten thousand sockets would be ten thousand objects.
    return (this.body ??= this.wire.subarray(this.headerBytes));
  }

  private isToBeDeflated(rooms: CompressedRooms): boolean {
    if (this.room === undefined || this.wire.length < deflateFromBytes) return false;
    return rooms === 'all' || rooms.includes(prefixOfRoom(this.room));
  }
}

function headerBytesOf(length: number): number {
  return length < 126 ? 2 : length < 65_536 ? 4 : 10;
}

function writeHeader(wire: Buffer, firstByte: number, length: number): void {
  wire[0] = firstByte;
  if (length < 126) {
    wire[1] = length;
  } else if (length < 65_536) {
    wire[1] = 126;
    wire.writeUInt16BE(length, 2);
  } else {
    wire[1] = 127;
    wire.writeUInt32BE(Math.floor(length / 2 ** 32), 2);
    wire.writeUInt32BE(length >>> 0, 6);
  }
}

function deflate(payload: Buffer): Buffer {
  const flushed = deflateRawSync(payload, deflateOptions);
  const length = flushed.length - flushMarkBytes;
  const headerBytes = headerBytesOf(length);
  const wire = Buffer.allocUnsafe(headerBytes + length);
  // RSV1: this message is compressed.
  writeHeader(wire, 0xc1, length);
  flushed.copy(wire, headerBytes, 0, length);
  return wire;
}
