import { setTimeout as delay } from 'node:timers/promises';
import type { RoomEvent } from '@testcast/contracts';
import { type Frame, Socket } from './socket.ts';

/** Follows a stream room through cuts and restarts by offset and epoch alone, and keeps what it was given. */
export class Watcher {
  readonly events: RoomEvent[] = [];
  readonly complaints: string[] = [];
  private epoch: string | undefined;
  private socket: Socket | undefined;
  private stopped = false;
  reconnects = -1;

  constructor(
    private readonly url: string,
    private readonly token: string,
    private readonly room: string,
  ) {}

  get offset(): number {
    return this.events.at(-1)?.offset ?? 0;
  }

  /** Runs until `stop`. */
  async follow(): Promise<void> {
    while (!this.stopped) {
      await this.once().catch(() => {});
      if (!this.stopped) await delay(20);
    }
  }

  cut(): void {
    this.socket?.cut();
  }

  stop(): void {
    this.stopped = true;
    this.socket?.cut();
  }

  private async once(): Promise<void> {
    let closed!: () => void;
    const end = new Promise<void>((resolve) => (closed = resolve));
    // A subscription of an earlier socket must not write into this one's history.
    const early: Frame[] = [];
    let subscribed = false;
    const socket = await Socket.open(
      this.url,
      this.token,
      (frame) => (subscribed ? this.take(frame) : early.push(frame)),
      () => closed(),
    );
    this.socket = socket;
    this.reconnects += 1;
    if (this.stopped) socket.cut();
    const reply = await socket.request('room.subscribe', {
      room: this.room,
      offset: this.offset,
      ...(this.epoch === undefined ? {} : { epoch: this.epoch }),
    });
    // Refused for now: asked again over a new socket, as a client does.
    if ((reply['error'] as { temporary?: boolean } | undefined)?.temporary === true) return socket.cut();
    if (reply.type !== 'ok') this.complaints.push(`subscribe at ${this.offset}: ${JSON.stringify(reply)}`);
    const data = reply['data'] as { offset: number; epoch: string };
    if (data.offset !== this.offset) this.complaints.push(`asked for ${this.offset}, was given ${data.offset}`);
    this.epoch = data.epoch;
    subscribed = true;
    for (const frame of early) this.take(frame);
    await end;
  }

  private take(frame: Frame): void {
    if (frame.type === 'reset') this.complaints.push(`reset: ${JSON.stringify(frame)}`);
    if (frame.type !== 'events' || frame['room'] !== this.room) return;
    for (const event of frame['events'] as RoomEvent[]) {
      if (event.offset !== this.offset + 1) this.complaints.push(`${event.offset} after ${this.offset}`);
      this.events.push(event);
    }
  }
}
