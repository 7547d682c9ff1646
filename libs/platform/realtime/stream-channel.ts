import { performance } from 'node:perf_hooks';
import { type RecordedEvent, slotOf } from '#platform/event-store';
import { type EventsFrame, eventFrames } from './event-frames.ts';
import type { Flushable, FlushQueue } from './flush-queue.ts';
import { HoleReader } from './hole-reader.ts';
import type { RecentBudget } from './recent-budget.ts';
import { RecentEvents } from './recent-events.ts';
import type { RealtimeTuning } from './realtime-options.ts';
import { RoomWrite } from './room-write.ts';
import { RoomSequencer } from './room-sequencer.ts';
import type { StreamMember } from './stream-member.ts';
import type { FramedPage, StreamPages } from './stream-pages.ts';
import { TextFrame } from './text-frame.ts';

export interface ChannelContext {
  readonly tuning: RealtimeTuning;
  readonly pages: StreamPages;
  readonly flushes: FlushQueue;
  readonly recent: RecentBudget;
  /** A read showed another epoch than the room's. */
  readonly onOtherEpoch: () => void;
  readonly onHoleRead: () => void;
  readonly onDelivered: (events: readonly RecordedEvent[], subscribers: number) => void;
  readonly report: (what: string, error: unknown) => void;
}

/** A stream room that somebody here is in: its sequencer, and the subscribers that are live or catching up. */
export class StreamChannel implements Flushable {
  readonly slot: number;
  epoch = '';
  lastFlushAt = 0;
  private readonly sequencer = new RoomSequencer((event) => this.deliver(event));
  private readonly recent: RecentEvents;
  private readonly live = new Set<StreamMember>();
  private readonly catching = new Set<StreamMember>();
  /** Delivered by the sequencer, not yet written to the live ones. */
  private pending: RecordedEvent[] = [];
  /** Under way, and put off until the loop has looked at something else. */
  private writing: RoomWrite | undefined;
  /** Offset up to which the live ones have been written to, or are being. */
  private sent = 0;
  private lastSentAt = performance.now();
  /** What the last one who caught up from memory was given. */
  private shared:
    | { readonly cursor: number; readonly head: number; readonly frames: readonly EventsFrame[] }
    | undefined;
  private emptySince: number | undefined = performance.now();
  private readonly holes: HoleReader;
  private failing = false;
  private opened = false;

  constructor(
    readonly name: string,
    private readonly context: ChannelContext,
  ) {
    this.slot = slotOf(name);
    this.recent = new RecentEvents(context.tuning.recentBytes, context.recent);
    this.holes = new HoleReader(this.sequencer, context.tuning.holeMs, () => {
      context.onHoleRead();
      return this.page(this.head);
    });
  }

  get head(): number {
    return this.sequencer.head ?? 0;
  }

  /** Offset up to which those who are live have been written to, or are being. */
  get written(): number {
    return this.sent;
  }

  /** Since when nobody has been here; undefined while it opens, when somebody is on the way in. */
  get restingSince(): number | undefined {
    return this.opened ? this.emptySince : undefined;
  }

  get subscribers(): number {
    return this.live.size + this.catching.size;
  }

  /** The room must be registered with the feed before: nothing falls between the head taken here and the first event. */
  async open(): Promise<void> {
    const { version, epoch } = await this.context.pages.head(this.name);
    this.opened = true;
    this.epoch = epoch;
    this.sent = version;
    this.sequencer.startAt(version, performance.now());
    this.holes.watch();
  }

  accept(event: RecordedEvent): void {
    this.sequencer.accept(event, performance.now());
    this.holes.watch();
  }

  /** Somebody is on the way in: the room is not closed under them. */
  touch(): void {
    if (this.emptySince !== undefined) this.emptySince = performance.now();
  }

  /** The store has events up to this version. */
  noteHead(version: number): void {
    this.sequencer.noteHead(version, performance.now());
    this.holes.watch();
  }

  /** The feed has left events out: what the room lacks is to be read from the store. */
  recover(): void {
    this.holes.demand();
  }

  add(subscription: StreamMember): void {
    this.emptySince = undefined;
    this.catching.add(subscription);
  }

  remove(subscription: StreamMember): void {
    if (this.live.delete(subscription)) this.writing?.leave(subscription);
    this.catching.delete(subscription);
    if (this.subscribers === 0) this.emptySince ??= performance.now();
  }

  /**
   * Makes a subscriber live when its cursor has met what the live ones were sent. One that has read ahead of them waits
   * for the next writing, after which it is told to resume; one that is `behind` has more to read.
   */
  join(subscription: StreamMember, cursor: number): 'live' | 'ahead' | 'behind' {
    if (cursor > this.sent && cursor <= this.head) return 'ahead';
    if (cursor !== this.sent) return 'behind';
    this.catching.delete(subscription);
    this.live.add(subscription);
    return 'live';
  }

  /** Frames after a cursor from what the room remembers; undefined when it does not reach back that far. */
  recentFrames(cursor: number): readonly EventsFrame[] | undefined {
    const { head } = this;
    // A crowd that was cut off together comes back at the same place: encoded once for all of it.
    if (this.shared?.cursor === cursor && this.shared.head === head) return this.shared.frames;
    const events = this.recent.after(cursor);
    if (events === undefined) return undefined;
    const frames = eventFrames(this.name, events);
    this.shared = { cursor, head, frames };
    return frames;
  }

  /** Frames after a cursor for somebody who catches up: what the room has already, any server that has it may tell. */
  pageBehind(cursor: number): Promise<readonly EventsFrame[]> {
    return this.page(cursor, cursor < this.head ? this.head : undefined);
  }

  /** Frames after a cursor from the store: the newest, or what is known to be there. */
  private async page(cursor: number, known?: number): Promise<readonly EventsFrame[]> {
    const page = await this.read(cursor, known);
    if (page.epoch !== this.epoch) {
      this.context.onOtherEpoch();
      return [];
    }
    this.take(page.events, page.head);
    return page.frames;
  }

  flush(now: number, until: number): boolean {
    this.writing ??= this.beginWriting(now);
    if (!this.writing.run(until)) return false;
    const { events, subscribers } = this.writing;
    this.writing = undefined;
    if (subscribers > 0) this.context.onDelivered(events, subscribers);
    return true;
  }

  /** @returns true when nobody has been here for long enough to close the room */
  tick(now: number): boolean {
    if (this.emptySince !== undefined) return now - this.emptySince >= this.context.tuning.roomLingerMs;
    for (const subscription of this.catching) subscription.resume();
    // Before a writing has ended, the head would be news to those who are still to be written to.
    const quiet = this.writing === undefined && now - this.lastSentAt >= this.context.tuning.headAfterMs;
    if (this.live.size > 0 && quiet) {
      this.lastSentAt = now;
      const frame = TextFrame.ofJson({ type: 'head', room: this.name, offset: this.sent });
      for (const { connection } of this.live) connection.send(frame);
    }
    return false;
  }

  /** Tells everybody that the room's past is not what it was, and lets them go: they subscribe again. */
  reset(epoch: string, reason: string): void {
    const frame = TextFrame.ofJson({ type: 'reset', room: this.name, epoch, reason });
    for (const { connection } of [...this.live, ...this.catching]) connection.leaveRoom(this.name, frame);
    this.close();
  }

  /** Gives up the newest events: who catches up reads them from the store. */
  shed(): void {
    this.recent.clear();
    this.shared = undefined;
  }

  close(): void {
    this.pending = [];
    this.writing = undefined;
    this.shed();
    this.holes.close();
  }

  private deliver(event: RecordedEvent): void {
    this.recent.add(event);
    this.shared = undefined;
    this.pending.push(event);
    if (this.pending.length === 1) this.context.flushes.add(this);
  }

  private beginWriting(now: number): RoomWrite {
    const events = this.pending;
    this.pending = [];
    this.sent = this.head;
    if (this.live.size > 0) this.lastSentAt = now;
    return new RoomWrite(this.name, events, this.live, this.catching);
  }

  private async read(cursor: number, known: number | undefined): Promise<FramedPage> {
    try {
      const page = await this.context.pages.page(this.name, cursor, known);
      this.failing = false;
      return page;
    } catch (error) {
      // Once: everybody who catches up tries again each second.
      if (!this.failing) this.context.report(`reading ${this.name}`, error);
      this.failing = true;
      throw error;
    }
  }

  private take(events: readonly RecordedEvent[], head: number): void {
    const now = performance.now();
    for (const event of events) this.sequencer.accept(event, now);
    this.sequencer.noteHead(head, now);
    this.holes.watch();
  }
}
