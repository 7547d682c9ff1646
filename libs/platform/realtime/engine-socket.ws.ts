import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { EngineSocket, type SocketListener } from './realtime-engine.ts';
import type { CompressedRooms } from './compressed-rooms.ts';
import type { TextFrame } from './text-frame.ts';

const pingFrame = Buffer.from([0x89, 0x00]);

/**
 * A socket of `ws`. Frames are built elsewhere and written past ws's sender, which is in order because never
 * compressing itself the sender never holds anything back.
 */
export class WsEngineSocket extends EngineSocket {
  listener: SocketListener | undefined;
  /** The close code of a protocol error that ws found: its close event knows only that the socket is gone. */
  failedWith: number | undefined;
  /** @param compressed rooms of which the client takes frames that were compressed for all */
  constructor(
    private readonly ws: WebSocket,
    readonly tcp: Socket,
    private readonly compressed: CompressedRooms | undefined,
  ) {
    super();
  }

  get bufferedBytes(): number {
    return this.tcp.writableLength;
  }

  send(frame: TextFrame): void {
    if (this.ws.readyState !== this.ws.OPEN) return;
    this.tcp.write(this.compressed === undefined ? frame.wire : frame.deflated(this.compressed));
  }

  // Replies are for one client alone, so their compression would be work for each.
  sendAll(frames: readonly TextFrame[]): void {
    if (this.ws.readyState !== this.ws.OPEN) return;
    this.tcp.cork();
    for (const frame of frames) this.tcp.write(frame.wire);
    this.tcp.uncork();
  }

  ping(): void {
    if (this.ws.readyState === this.ws.OPEN) this.tcp.write(pingFrame);
  }

  close(code: number, reason: string): void {
    this.ws.close(code, reason);
  }

  terminate(): void {
    this.ws.terminate();
  }
}
