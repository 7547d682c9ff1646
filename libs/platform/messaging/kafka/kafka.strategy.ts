import type { EventStore } from '#platform/event-store';
import type { Readiness } from '#platform/observability';
import type { ProjectionEngine } from '../engine/projection-engine.ts';
import { ProjectionStrategy } from '../projection.strategy.ts';
import { GatheredEvents } from './gathered-events.ts';
import { HeadsWatch } from './heads-watch.ts';
import { type KafkaOptions, partitionOf } from './kafka-options.ts';
import type { PublishedEvent } from './published-event.ts';
import { TopicReader } from './topic-reader.ts';

/** The group that shares the partitions among all projectors. */
const groupId = 'testcast-projector';

/**
 * Nest transport over Kafka: feeds the projections what the relay has published. The engine's checkpoints are the truth;
 * the offsets of the group only say where its next member may begin, and what that skips is read from the log.
 */
export class KafkaStrategy extends ProjectionStrategy {
  private readonly watch: HeadsWatch;
  private readonly reader: TopicReader;
  private readonly gathered: GatheredEvents;

  constructor(options: KafkaOptions, store: EventStore, projections: ProjectionEngine, readiness: Readiness) {
    super(projections, readiness);
    this.watch = new HeadsWatch(store, projections, (heads) => this.mine(heads));
    this.gathered = new GatheredEvents((events, epoch) => projections.offer(events, epoch));
    this.reader = new TopicReader(options, {
      groupId: () => groupId,
      commits: true,
      onEvents: (events) => this.take(events),
    });
  }

  protected async startFeed(): Promise<void> {
    this.watch.start();
    this.reader.start();
  }

  protected async stopFeed(): Promise<void> {
    this.gathered.stop();
    await Promise.all([this.reader.stop(), this.watch.stop()]);
  }

  private async take(published: readonly PublishedEvent[]): Promise<void> {
    const { epoch } = this.watch;
    const events = published.filter((candidate) => candidate.epoch === epoch).map(({ event }) => event);
    // Positions of another history are not those of this one: they would be taken for what they are not.
    if (events.length < published.length) this.watch.wake();
    if (epoch !== undefined && events.length > 0) await this.gathered.add(events, epoch);
  }

  /** Slots of partitions that are another projector's are brought by that one, as long as the group holds. */
  private mine(heads: readonly number[]): readonly number[] {
    const { assigned } = this.reader;
    if (assigned === undefined) return heads;
    return heads.map((head, slot) => (assigned.has(partitionOf(slot)) ? head : 0));
  }
}
