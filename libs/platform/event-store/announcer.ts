import { Logger } from '@nestjs/common';
import { slotCount } from './event-store.ts';
import type { RecordedEvent } from './recorded-event.ts';

export type CommittedListener = (events: readonly RecordedEvent[]) => void;

/**
 * Tells listeners what this process committed, and never out of order within a slot.
 *
 * After a lost connection nobody knows whether a batch was stored. Its repeat then finds its ids known, and what it finds
 * above the slot's last announcement is announced as if it had been appended by the repeat: else rooms on this node would
 * wait for it until they compare heads.
 */
export class Announcer {
  private readonly listeners = new Set<CommittedListener>();
  private readonly announced: number[] = Array.from({ length: slotCount }, () => 0);
  private readonly unsure = new Set<number>();
  private readonly logger = new Logger('EventStore');

  /** @returns the way to stop */
  listen(listener: CommittedListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The log has another history: what was announced may not be in it, and others are at its positions. */
  forget(): void {
    this.announced.fill(0);
  }

  /** A batch with these slots may have been stored without our knowing. */
  doubt(slots: Iterable<number>): void {
    for (const slot of slots) this.unsure.add(slot);
  }

  /** A batch with these slots was answered, and what it may have left unannounced is announced. */
  settle(slots: Iterable<number>): void {
    for (const slot of slots) this.unsure.delete(slot);
  }

  /** Whether an event that was known at this position may be one of ours that nobody was told of. */
  mayHaveMissed(slot: number, position: number): boolean {
    return this.unsure.has(slot) && position > this.announced[slot]!;
  }

  /** @param events in order within each slot */
  announce(events: readonly RecordedEvent[]): void {
    if (events.length === 0) return;
    for (const { slot, position } of events) this.announced[slot] = position;
    for (const listener of this.listeners) {
      try {
        listener(events);
      } catch (error) {
        // What is stored must be answered, whatever a listener does.
        this.logger.error('A listener for committed events threw.', error instanceof Error ? error.stack : error);
      }
    }
  }
}
