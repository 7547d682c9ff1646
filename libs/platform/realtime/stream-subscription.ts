import type { Role } from '@testcast/contracts';
import type { ConnectedClient } from './connected-client.ts';
import type { EventsFrame } from './event-frames.ts';
import type { MovedRoom } from './migration/moved-connection.ts';
import type { StreamChannel } from './stream-channel.ts';
import type { StreamMember } from './stream-member.ts';
import type { Subscription } from './subscription.ts';
import type { TextFrame } from './text-frame.ts';

/**
 * A connection's place in a stream room: *catching up* with a cursor of its own, a page at a time and only as fast as the
 * client reads, until the cursor meets the room's head; then *live*.
 */
export class StreamSubscription implements Subscription, StreamMember {
  private state: 'waiting' | 'catching' | 'live' | 'stopped' = 'waiting';
  private frames: readonly EventsFrame[] = [];
  private next = 0;
  private reading = false;
  /** Waits for the reply that it would else overtake. */
  private farewell: TextFrame | undefined;

  constructor(
    readonly connection: ConnectedClient,
    private readonly channel: StreamChannel,
    readonly project: string,
    readonly role: Role,
    /** Offset after which the next event is to be sent. */
    private cursor: number,
  ) {}

  get room(): string {
    return this.channel.name;
  }

  start(): void {
    if (this.farewell !== undefined) this.connection.send(this.farewell);
    if (this.state !== 'waiting') return;
    this.state = 'catching';
    this.resume();
  }

  stop(farewell?: TextFrame): void {
    if (this.state === 'waiting') this.farewell = farewell;
    else if (farewell !== undefined) this.connection.send(farewell);
    this.state = 'stopped';
    this.frames = [];
    this.channel.remove(this);
  }

  moved(): MovedRoom {
    const offset = this.state === 'live' ? this.channel.written : this.cursor;
    return { room: this.room, offset, epoch: this.channel.epoch };
  }

  /** Sends what the client can take; called when it can take more, and when the room has moved. */
  resume(): void {
    while (this.state === 'catching' && !this.reading && this.connection.writable) {
      const frame = this.frames[this.next];
      if (frame !== undefined) {
        this.next += 1;
        this.cursor = frame.last;
        this.connection.send(frame.frame);
      } else if (!this.goOn()) {
        return;
      }
    }
  }

  /** @returns whether there are frames to send */
  private goOn(): boolean {
    const place = this.channel.join(this, this.cursor);
    if (place === 'live') {
      this.state = 'live';
      this.frames = [];
      return false;
    }
    if (place === 'ahead') return false;
    if (this.takeRecent()) return true;
    this.read();
    return false;
  }

  private takeRecent(): boolean {
    const frames = this.channel.recentFrames(this.cursor);
    if (frames === undefined) return false;
    this.frames = frames;
    this.next = 0;
    return true;
  }

  private read(): void {
    this.reading = true;
    this.channel.pageBehind(this.cursor).then(
      (frames) => {
        this.reading = false;
        this.frames = frames;
        this.next = 0;
        // An empty page: the room learns of its head another way, and wakes those who catch up.
        if (frames.length > 0) this.resume();
      },
      // The room has said that the store is away, and tries again once a second.
      () => {
        this.reading = false;
      },
    );
  }
}
