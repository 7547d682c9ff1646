const firstDelayMs = 1000;

/**
 * When the window of a state room is read again: soon after it was first read, since events that were being projected
 * during that read have left no mark here, and then less and less often. Pure: milliseconds of a monotonic clock.
 */
export class WindowPace {
  private dueAt = Infinity;
  private delayMs: number;

  constructor(private readonly everyMs: number) {
    this.delayMs = Math.min(firstDelayMs, everyMs);
  }

  isDue(now: number): boolean {
    return now >= this.dueAt;
  }

  /** A read begins: what is asked for during it is another one. */
  begun(now: number): void {
    this.dueAt = now + this.delayMs;
    this.delayMs = Math.min(this.delayMs * 2, this.everyMs);
  }

  /** What was read may lack something. */
  hurry(): void {
    this.dueAt = 0;
    this.delayMs = Math.min(firstDelayMs, this.everyMs);
  }
}
