import { performance } from 'node:perf_hooks';
import type { RoomSequencer } from './room-sequencer.ts';

/** After a read that failed: one that is repeated at once would only add to what ails the store. */
const retryMs = 1000;

/**
 * Reads from the store what the sources of a room have not brought, one read in flight: when a hole has stayed for too
 * long, and when it is told that there may be one which nothing shows.
 */
export class HoleReader {
  private timer: NodeJS.Timeout | undefined;
  private reading = false;
  /** Something may be missing that no read which began later has looked for. */
  private demanded = false;
  private notBefore = 0;
  private closed = false;

  constructor(
    private readonly sequencer: RoomSequencer,
    private readonly holdMs: number,
    /** Reads a page after the sequencer's head into it. */
    private readonly readOn: () => Promise<unknown>,
  ) {}

  /** To be called when the sequencer has taken something in. */
  watch(): void {
    if (this.timer !== undefined || this.reading || this.closed || this.sequencer.head === undefined) return;
    const dueAt = this.demanded ? 0 : this.sequencer.readDueAt(this.holdMs);
    if (dueAt === undefined) return;
    this.timer = setTimeout(() => this.onTimer(), Math.max(0, Math.max(dueAt, this.notBefore) - performance.now()));
  }

  /** Events may be missing behind which nothing follows: reads until a read that began after this call has succeeded. */
  demand(): void {
    this.demanded = true;
    this.watch();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private onTimer(): void {
    this.timer = undefined;
    if (this.demanded || this.sequencer.readDueAt(0) !== undefined) void this.read();
  }

  private async read(): Promise<void> {
    this.reading = true;
    this.demanded = false;
    this.sequencer.readStarted(performance.now());
    try {
      await this.readOn();
    } catch {
      this.demanded = true;
      this.notBefore = performance.now() + retryMs;
    }
    this.reading = false;
    this.watch();
  }
}
