import { randomUUID } from 'node:crypto';
import type { RecordedEvent } from '#platform/event-store';
import type { KafkaOptions } from './kafka-options.ts';
import type { PublishedEvent } from './published-event.ts';
import { TopicReader } from './topic-reader.ts';

/** What is fed, such as the rooms of a gateway. */
export interface EventSink {
  /** Events of an epoch of the log, in order within a slot; they may repeat, lag or be left out. */
  acceptOf(epoch: string, events: readonly RecordedEvent[]): void;
  /** Something may have been missed: compare with the heads of the log soon. */
  poke(): void;
}

/**
 * Every event of the log as the relay publishes it, from now on, to each process that asks: it reads all partitions under a
 * group of its own and commits nothing.
 */
export class KafkaEventSource {
  private readonly reader: TopicReader;

  constructor(
    options: KafkaOptions,
    private readonly sink: EventSink,
  ) {
    this.reader = new TopicReader(options, {
      // Another one each time: a new member of the old one would wait until the session of its predecessor is over.
      groupId: () => `${options.clientId}-${randomUUID()}`,
      commits: false,
      onEvents: (events) => this.take(events),
      onResume: () => sink.poke(),
    });
  }

  /** Returns at once; without a broker it goes on trying. */
  start(): void {
    this.reader.start();
  }

  async stop(): Promise<void> {
    await this.reader.stop();
  }

  private take(published: readonly PublishedEvent[]): void {
    for (let start = 0; start < published.length;) {
      const { epoch } = published[start]!;
      let end = start + 1;
      while (end < published.length && published[end]!.epoch === epoch) end += 1;
      this.sink.acceptOf(
        epoch,
        published.slice(start, end).map(({ event }) => event),
      );
      start = end;
    }
  }
}
