import { EngineSocket, type SocketListener } from './realtime-engine.ts';
import type { TextFrame } from './text-frame.ts';
import type { UwsWebSocket } from './uws-binding.ts';

const sent = 1;

/** A socket of uWebSockets.js, which writes the header of each frame itself. */
export class UwsEngineSocket extends EngineSocket {
  listener: SocketListener | undefined;
  /** Undefined before the upgrade and after the close: a call on a socket that is gone throws. */
  private ws: UwsWebSocket<unknown> | undefined;
  /** Whether the last frame went out whole, so that nobody has to ask what is buffered. */
  private clear = true;

  get bufferedBytes(): number {
    return this.clear ? 0 : (this.ws?.getBufferedAmount() ?? 0);
  }

  opened(ws: UwsWebSocket<unknown>): void {
    this.ws = ws;
  }

  /** @param code what the peer said, or what uWebSockets.js found */
  gone(code: number): void {
    this.ws = undefined;
    this.clear = true;
    this.listener?.onClose(code);
  }

  send(frame: TextFrame): void {
    if (this.ws !== undefined) this.clear = this.ws.send(frame.payload, false) === sent;
  }

  sendAll(frames: readonly TextFrame[]): void {
    const { ws } = this;
    if (ws === undefined) return;
    ws.cork(() => {
      for (const frame of frames) ws.send(frame.payload, false);
    });
    // What a send within a cork returns says nothing of the write at the end of it.
    this.clear = false;
  }

  ping(): void {
    if (this.ws !== undefined && this.ws.ping() !== sent) this.clear = false;
  }

  close(code: number, reason: string): void {
    this.ws?.end(code, reason);
  }

  terminate(): void {
    this.ws?.close();
  }
}
