import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Gauge } from 'prom-client';
import type { DataSource } from 'typeorm';
import type { EventStore, RecordedEvent } from '#platform/event-store';
import type { Tracing } from '#platform/observability';
import { backoffMs } from '../engine/backoff.ts';
import { Signal } from '../engine/signal.ts';
import { SlotTurns } from '../engine/slot-turns.ts';
import type { CommitHint } from '../hints/commit-hint.ts';
import { acknowledgedOf } from './acknowledged.ts';
import { type KafkaOptions, partitionOf, topicPartitions } from './kafka-options.ts';
import { Publisher } from './publisher.ts';
import { type PartitionShare, RelayLeases } from './relay-leases.ts';

/** Milliseconds between two looks at a log that is quiet, when nobody wakes the relay. */
const idleMs = 250;
/** Between two beats that hold the leases, and at most between two tries after a failure. */
const beatMs = 1_000;
/** Between two writings of how far slots have been published: about so much is published twice when a relay is killed. */
const saveMs = 200;
/** After a failure a relay lets the others have its share for so long, twice as long as they wait before they take it. */
const humbleMs = 6_000;
/**
 * Between two batches, unless there is more than fits into one: without it, batches of a few events each take the cores that
 * appends and readers need, and events come later for it.
 */
const restMs = 8;
/** Bounds of a batch, so that what comes next does not wait for long. */
const batch = { limit: 500, maxBytes: 512 * 1024 };

/** What a relay works with. */
export interface RelayPorts {
  readonly store: Pick<EventStore, 'heads' | 'readSlots'>;
  readonly dataSource: DataSource;
  readonly hint: CommitHint;
  readonly share: PartitionShare;
  /** Events not yet published, by partition. */
  readonly lag: Gauge;
  /** Told of what was published; without, nothing is traced. */
  readonly tracing?: Pick<Tracing, 'published'> | undefined;
}

/**
 * Publishes the log to Kafka. `relay_slots.published` against the slots' heads is the outbox: what was not acknowledged, or
 * acknowledged without our hearing of it, is read and sent again, and consumers drop what they have.
 */
export class Relay implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Relay');
  private readonly signal = new Signal();
  private readonly turns = new SlotTurns();
  private stopped = false;
  private failures = 0;
  private failedAt = -Infinity;
  private running: Promise<void> | undefined;

  constructor(
    private readonly options: KafkaOptions,
    private readonly ports: RelayPorts,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.running ??= this.run();
    await this.ports.hint.start(() => this.signal.give());
  }

  /** Lets the batch in flight finish. Before the database is closed, which Nest does with the modules. */
  async onModuleDestroy(): Promise<void> {
    if (this.stopped) return this.running;
    this.stopped = true;
    await this.ports.hint.stop();
    this.signal.give();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      try {
        await this.relay();
      } catch (error) {
        this.failures += 1;
        this.failedAt = performance.now();
        if (this.failures === 1 || this.failures % 60 === 0)
          this.logger.warn(`publishes nothing for now (attempt ${this.failures}): ${String(error)}`);
        if (!this.stopped) await this.pause(Math.min(beatMs, backoffMs(this.failures)));
      }
    }
  }

  /** Until it fails or is stopped. Other processes may take over after a failure: they may reach what we do not. */
  private async relay(): Promise<void> {
    const publisher = new Publisher(this.options);
    const leases = new RelayLeases(this.ports.dataSource, { mine: (partition) => this.claims(partition) });
    const timers: NodeJS.Timeout[] = [];
    let lost: unknown;
    const lose = (error: unknown): void => {
      lost ??= error;
    };
    try {
      await publisher.open();
      leases.epoch = (await this.ports.store.heads()).epoch;
      await leases.beat();
      // Apart from the batches, one of which may take longer than a lease lasts.
      timers.push(setInterval(() => void leases.beat().catch(lose), beatMs));
      timers.push(setInterval(() => void leases.save().catch(lose), saveMs));
      while (!this.stopped) {
        const seen = await this.round(leases, publisher);
        if (lost !== undefined) throw lost;
        if (this.failures > 0) this.logger.log('publishes again');
        this.failures = 0;
        await leases.yieldWanted();
        if (seen === 'nothing') await this.signal.wait(idleMs);
        else if (seen === 'news') await this.pause(restMs);
      }
    } finally {
      for (const timer of timers) clearInterval(timer);
      this.ports.lag.reset();
      await Promise.all([publisher.close(), leases.end().catch(() => undefined)]);
    }
  }

  /**
   * Whether it takes a partition before others do. One that can connect and not send would else take its share again each
   * time, before those who could send it. What nobody takes, it takes as they would; alone, it has nobody to wait for.
   */
  private claims(partition: number): boolean {
    const { share } = this.ports;
    const alone = Array.from({ length: topicPartitions }, (_, other) => other).every((other) => share.mine(other));
    return share.mine(partition) && (alone || performance.now() - this.failedAt > humbleMs);
  }

  /**
   * Publishes a batch of what is new in the slots of ours. The heads are looked at anew for each, so that a slot that is far
   * behind does not keep the others waiting. `more`: there is more than the bounds of a batch let through.
   */
  private async round(leases: RelayLeases, publisher: Publisher): Promise<'nothing' | 'news' | 'more'> {
    const { epoch, positions: heads } = await this.ports.store.heads();
    // What was published of the history before it is not in this one: how far this one has been is in the database.
    if (leases.epoch !== epoch) throw new Error(`the log goes on in epoch ${epoch}`);
    const lacking = () => this.turns.behind(heads, (slot) => leases.published.get(slot));
    const behind = lacking();
    const events = behind.size === 0 ? [] : await this.ports.store.readSlots(behind, batch);
    if (events.length > 0) await this.publish(events, epoch, leases, publisher);
    this.turns.served(new Set(events.map(({ slot }) => slot)));
    this.reportLag(heads, leases.published);
    if (events.length === 0) return 'nothing';
    return lacking().size > 0 ? 'more' : 'news';
  }

  private async publish(
    events: readonly RecordedEvent[],
    epoch: string,
    leases: RelayLeases,
    publisher: Publisher,
  ): Promise<void> {
    const began = performance.now();
    const { moved, missing } = acknowledgedOf(events, await publisher.send(events, epoch));
    leases.checkpoint(moved);
    // They stay where they are and are read again, by a producer that asks anew who leads which partition.
    if (missing === 0) this.ports.tracing?.published(events, began);
    if (missing > 0) throw new Error(`${missing} of ${events.length} events were not acknowledged`);
  }

  /** Of the partitions that are ours. */
  private reportLag(heads: readonly number[], published: ReadonlyMap<number, number>): void {
    const lags = new Map<number, number>();
    for (const [slot, position] of published) {
      const partition = partitionOf(slot);
      lags.set(partition, (lags.get(partition) ?? 0) + Math.max(0, heads[slot]! - position));
    }
    this.ports.lag.reset();
    for (const [partition, lag] of lags) this.ports.lag.set({ partition }, lag);
  }

  /** Not cut short by hints, which come often; a stop ends it. */
  private async pause(milliseconds: number): Promise<void> {
    const end = performance.now() + milliseconds;
    for (let left = milliseconds; left > 0 && !this.stopped; left = end - performance.now()) {
      await this.signal.wait(left);
    }
  }
}
