import { Logger } from '@nestjs/common';
import type { EventStore } from '#platform/event-store';

/** Sends a hint after commits of this process: at once after a pause, and never closer than `everyMs`. */
export class CommitHintSender {
  private readonly logger = new Logger('CommitHint');
  private unlisten: (() => void) | undefined;
  private timer: NodeJS.Timeout | undefined;
  private sending = false;
  private due = false;
  private failing = false;
  private lastSent = -Infinity;

  constructor(
    private readonly store: Pick<EventStore, 'onCommitted'>,
    private readonly send: () => void | Promise<void>,
    private readonly everyMs = 20,
  ) {}

  start(): void {
    this.unlisten ??= this.store.onCommitted(() => this.note());
  }

  stop(): void {
    this.unlisten?.();
    this.unlisten = undefined;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  // Called for every commit, on the way of its answer: no more than a look at the clock.
  private note(): void {
    this.due = true;
    if (this.timer !== undefined || this.sending) return;
    const wait = Math.max(0, this.lastSent + this.everyMs - performance.now());
    this.timer = setTimeout(() => void this.flush(), wait);
  }

  private async flush(): Promise<void> {
    this.timer = undefined;
    this.due = false;
    this.sending = true;
    this.lastSent = performance.now();
    try {
      await this.send();
      this.failing = false;
    } catch (error) {
      // Readers poll, so nothing is lost; one line for each time that it begins to fail.
      if (!this.failing) this.logger.warn(`hints are not getting through: ${String(error)}`);
      this.failing = true;
    } finally {
      this.sending = false;
    }
    if (this.due && this.unlisten !== undefined) this.note();
  }
}
