import { Logger } from '@nestjs/common';

/**
 * Which history of the log this process has seen last: by the server's timeline, which every append answers, and by the
 * epoch, which heads do. The first look counts as a change, since nobody knows what was read before it.
 */
export class History {
  private readonly listeners = new Set<() => void>();
  private readonly logger = new Logger('EventStore');
  private timeline: string | undefined;
  /** Of the heads that were read last; undefined until they have been read on this timeline. */
  epoch: string | undefined;

  /** @returns the way to stop */
  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** @param epoch left out by an append, which is not told: on another timeline it is not known then until heads are read */
  note(timeline: string, epoch = timeline === this.timeline ? this.epoch : undefined): void {
    if (timeline === this.timeline && epoch === this.epoch) return;
    this.timeline = timeline;
    this.epoch = epoch;
    for (const listener of this.listeners) {
      try {
        listener();
      } catch (error) {
        // What is stored must be answered, whatever a listener does.
        this.logger.error('A listener for other histories threw.', error instanceof Error ? error.stack : error);
      }
    }
  }
}
