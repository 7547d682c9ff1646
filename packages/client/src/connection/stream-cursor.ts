import type { RoomEvent } from '@testcast/contracts';

/**
 * Where a reader of one stream stands: it lets each event through once, in order, whichever connections bring it and
 * however often. Pure.
 */
export class StreamCursor {
  /** Offset of the last event that was let through; undefined = from wherever the server says. */
  offset: number | undefined;
  epoch: string | undefined;
  /** Offset that the stream is known to have reached. */
  head = 0;

  constructor(offset?: number, epoch?: string) {
    this.offset = offset;
    this.epoch = epoch;
  }

  /** Takes up the server's answer to a subscription; `gap` when it would begin after what is still missing. */
  subscribed(reply: { offset: number; epoch: string; head?: number | undefined }): { gap: boolean } {
    this.epoch = reply.epoch;
    this.offset ??= reply.offset;
    this.head = Math.max(this.head, reply.head ?? 0);
    return { gap: reply.offset > this.offset };
  }

  /** The events that are next; `gap` when one was skipped: what follows it is left out, to be asked for again. */
  take(events: readonly RoomEvent[]): { next: RoomEvent[]; gap: boolean } {
    const next: RoomEvent[] = [];
    for (const event of events) {
      if (this.offset !== undefined) {
        if (event.offset <= this.offset) continue;
        if (event.offset !== this.offset + 1) return { next, gap: true };
      }
      this.offset = event.offset;
      next.push(event);
    }
    this.head = Math.max(this.head, this.offset ?? 0);
    return { next, gap: false };
  }

  /** How many events are known to exist that have not come. */
  get behind(): number {
    return Math.max(0, this.head - (this.offset ?? this.head));
  }
}
