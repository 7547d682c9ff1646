import { performance } from 'node:perf_hooks';
import { FlushPace } from './flush-pace.ts';

export interface Flushable {
  lastFlushAt: number;
  flush(now: number): void;
}

/** Rooms that have something to write, written at the end of the turn or when their pace allows. */
export class FlushQueue {
  private readonly dirty = new Set<Flushable>();
  private immediate: NodeJS.Immediate | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly pace = new FlushPace()) {}

  add(room: Flushable): void {
    this.dirty.add(room);
    if (this.immediate === undefined) this.immediate = setImmediate(() => this.run());
  }

  stop(): void {
    this.dirty.clear();
    clearImmediate(this.immediate);
    clearTimeout(this.timer);
  }

  private run(): void {
    this.immediate = undefined;
    const now = performance.now();
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
      room.flush(now);
    }
    if (nextAt < Infinity) this.runAt(nextAt - now);
  }

  private runAt(inMs: number): void {
    if (this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.immediate ??= setImmediate(() => this.run());
    }, inMs);
  }
}
