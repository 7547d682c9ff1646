import { performance } from 'node:perf_hooks';
import { FlushPace } from './flush-pace.ts';

export interface Flushable {
  lastFlushAt: number;
  /**
   * Writes what has gathered. @param until when to stop (monotonic clock)
   * @returns false when it stopped before the end: it is called again before anything else is written
   */
  flush(now: number, until: number): boolean;
}

/** Writing for longer at a stretch would keep appends and messages waiting: ten thousand sockets take 100 ms. */
const sliceMs = 5;

/** Rooms that have something to write, written at the end of the turn or when their pace allows, a slice at a time. */
export class FlushQueue {
  private readonly dirty = new Set<Flushable>();
  private unfinished: Flushable | undefined;
  private immediate: NodeJS.Immediate | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly pace = new FlushPace()) {}

  add(room: Flushable): void {
    this.dirty.add(room);
    this.runSoon();
  }

  stop(): void {
    this.dirty.clear();
    this.unfinished = undefined;
    clearImmediate(this.immediate);
    clearTimeout(this.timer);
  }

  private run(): void {
    this.immediate = undefined;
    const now = performance.now();
    const until = now + sliceMs;
    if (this.unfinished !== undefined && !this.write(this.unfinished, now, until)) return;
    const gap = this.pace.gapMs(now);
    let nextAt = Infinity;
    for (const room of this.dirty) {
      const dueAt = room.lastFlushAt + gap;
      if (dueAt > now) {
        nextAt = Math.min(nextAt, dueAt);
        continue;
      }
      this.dirty.delete(room);
      room.lastFlushAt = now;
      if (!this.write(room, now, until)) return;
      if (performance.now() >= until) {
        this.runSoon();
        return;
      }
    }
    if (nextAt < Infinity) this.runAt(nextAt - now);
  }

  private write(room: Flushable, now: number, until: number): boolean {
    const finished = room.flush(now, until);
    this.unfinished = finished ? undefined : room;
    if (!finished) this.runSoon();
    return finished;
  }

  private runSoon(): void {
    this.immediate ??= setImmediate(() => this.run());
  }

  private runAt(inMs: number): void {
    if (this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.runSoon();
    }, inMs);
  }
}
