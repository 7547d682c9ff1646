import type { RecordedEvent } from '#platform/event-store';
import { LogHole } from './log-hole.ts';

/** Bytes that an event is counted as: its data and about what its object costs. */
export function sizeOf(event: RecordedEvent): number {
  return event.dataJson.length + 200;
}

/**
 * One slot as one projection has read it. Events that follow on what it has are kept; of others only the highest
 * position is remembered, and the hole is read from the store. So the feed may repeat, lag, reorder or lose.
 */
export class Lane {
  private buffer: RecordedEvent[] = [];
  private position = 0;
  private known = 0;
  private size = 0;
  private followed = true;
  private behindSince: number | undefined;

  constructor(readonly slot: number) {}

  /** Position of the last event whose rows are committed. */
  get checkpoint(): number {
    return this.position;
  }

  /** Highest position that the log is known to have. */
  get head(): number {
    return this.known;
  }

  /** 0 while another process follows the slot. */
  get pending(): number {
    return this.followed ? Math.max(0, this.known - this.position) : 0;
  }

  /** Whether this process follows the slot. */
  get isFollowed(): boolean {
    return this.followed;
  }

  /** Epoch milliseconds: when the next event was appended, or, as long as it has not been read, when it was heard of. */
  get waitingSince(): number | undefined {
    if (this.pending === 0) return undefined;
    return this.buffer[0]?.recordedAt ?? this.behindSince;
  }

  /** Lets another process follow the slot, or takes it over: where it stands has to be looked up then. */
  follow(followed: boolean): void {
    this.followed = followed;
    if (!followed) this.forget();
  }

  /** Bytes kept. */
  get bytes(): number {
    return this.size;
  }

  /** Where reading from the store has to go on. */
  get fetched(): number {
    return this.buffer.at(-1)?.position ?? this.position;
  }

  /** Takes what a feed brings. `keep` false: there is no room, and only the position is remembered. */
  offer(event: RecordedEvent, keep: boolean): void {
    this.noteHead(event.position);
    if (keep && this.followed && event.position === this.fetched + 1) this.push(event);
  }

  noteHead(position: number): void {
    if (position <= this.known) return;
    if (this.known <= this.position) this.behindSince = Date.now();
    this.known = position;
  }

  /**
   * Takes a page that was read from the store after `fetched`; the feed may have brought some of it meanwhile.
   * `headBefore` is the head when the reading began: when the log had nothing there, that head was wrong, and asking for
   * it again and again would never end. A head noted since is kept.
   */
  takePage(page: readonly RecordedEvent[], headBefore: number): void {
    for (const event of page) {
      if (event.position <= this.fetched) continue;
      // Going on after a hole would lose an event for ever, so nothing is kept and whoever reads tries again.
      if (event.position !== this.fetched + 1) throw new LogHole(this.slot, this.fetched + 1, event.position);
      this.push(event);
      this.noteHead(event.position);
    }
    if (page.length === 0 && this.known === headBefore) this.known = this.fetched;
  }

  /** The next events, in order; they stay until `settle`. */
  peek(count: number): readonly RecordedEvent[] {
    return this.buffer.slice(0, count);
  }

  get buffered(): number {
    return this.buffer.length;
  }

  /** The checkpoint has been committed at `position`. */
  settle(position: number): void {
    this.position = position;
    this.noteHead(position);
    const kept = this.buffer.findIndex((event) => event.position > position);
    for (const event of this.buffer.splice(0, kept === -1 ? this.buffer.length : kept)) this.size -= sizeOf(event);
    if (this.buffer.length > 0 && this.buffer[0]!.position !== position + 1) this.forget();
  }

  private push(event: RecordedEvent): void {
    this.buffer.push(event);
    this.size += sizeOf(event);
  }

  private forget(): void {
    this.buffer = [];
    this.size = 0;
  }
}
