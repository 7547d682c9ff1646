import type { Role } from '@testcast/contracts';
import type { ConnectedClient } from './connected-client.ts';
import type { MovedRoom } from './migration/moved-connection.ts';
import type { StateChannel, StateMember } from './state-channel.ts';
import type { Subscription } from './subscription.ts';
import type { TextFrame } from './text-frame.ts';

/**
 * A connection's place in a state room. A client that cannot take a change right away has its key noted, and gets the
 * row as it is when it can: a slow client sees fewer versions, never an old one, and nothing queues for it.
 */
export class StateSubscription implements Subscription, StateMember {
  private state: 'waiting' | 'live' | 'stopped' = 'waiting';
  /** Keys to be sent, each with the version of its last known row. */
  private readonly dirty = new Map<string, number>();
  /** The window is still being sent: each of its frames says `reset`. */
  private inWindow = true;
  /** Waits for the reply that it would else overtake. */
  private farewell: TextFrame | undefined;

  constructor(
    readonly connection: ConnectedClient,
    private readonly channel: StateChannel,
    readonly project: string,
    readonly role: Role,
  ) {}

  get room(): string {
    return this.channel.name;
  }

  start(): void {
    if (this.farewell !== undefined) this.connection.send(this.farewell);
    if (this.state !== 'waiting') return;
    this.state = 'live';
    this.sendWindow();
  }

  stop(farewell?: TextFrame): void {
    if (this.state === 'waiting') this.farewell = farewell;
    else if (farewell !== undefined) this.connection.send(farewell);
    this.state = 'stopped';
    this.dirty.clear();
    this.channel.remove(this);
  }

  moved(): MovedRoom {
    return { room: this.room };
  }

  /** The whole window, from the rows as they are. */
  sendWindow(): void {
    if (this.state !== 'live') return;
    this.inWindow = true;
    this.dirty.clear();
    for (const key of this.channel.rows.keys()) this.dirty.set(key, 0);
    this.resume();
  }

  /** Rows have changed; `frames` carry them for everyone who takes them now. */
  change(changed: ReadonlyMap<string, number>, frames: readonly TextFrame[]): void {
    if (this.state !== 'live') return;
    if (!this.inWindow && this.dirty.size === 0 && this.connection.writable) {
      for (const frame of frames) this.connection.send(frame);
      return;
    }
    for (const [key, version] of changed) this.dirty.set(key, version);
    this.resume();
  }

  resume(): void {
    while (this.state === 'live' && (this.inWindow || this.dirty.size > 0) && this.connection.writable) {
      const frame = this.channel.nextFrame(this.dirty, this.inWindow);
      if (this.dirty.size === 0) this.inWindow = false;
      this.connection.send(frame);
    }
  }
}
