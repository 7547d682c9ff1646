import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { DomainError } from '#platform/kernel';
import type { AppendTracing } from '#platform/observability';
import { Announcer, type CommittedListener } from './announcer.ts';
import { AppendBatch } from './append-batch.ts';
import { AppendLane, type LaneStats } from './append-lane.ts';
import { encodeAppend } from './encoded-append.ts';
import {
  type Append,
  type Epoch,
  type EventOutcome,
  EventStore,
  type Heads,
  type ReadBounds,
  type ReadOptions,
  type SlotsReadOptions,
  type StreamPage,
} from './event-store.ts';
import { History } from './history.ts';
import { LogReader } from './log-reader.ts';
import { PooledConnection } from './pooled-connection.ts';
import { Replicas, type ReplicaStats } from './replicas.ts';
import type { DetailedEvent, RecordedEvent } from './recorded-event.ts';

/**
 * Lanes, each with a connection of its own: a batch takes slots of one class, slot mod 4. The same number on every node,
 * else the nodes' batches would overlap in parts and queue behind each other.
 */
export const laneCount = 4;

/** What may wait for its commit in one process; above it an append is refused at once. */
export const queueLimits = { appends: 50_000, bytes: 64 * 1024 * 1024 };

export interface EventStoreStats {
  readonly queuedAppends: number;
  readonly queuedBytes: number;
  readonly lanes: readonly Readonly<LaneStats>[];
  /** Reads of streams and slots that the primary has answered. */
  readonly primaryReads: number;
  readonly replicas: ReplicaStats;
}

/** The log in PostgreSQL. */
@Injectable()
export class PostgresEventStore extends EventStore implements OnApplicationShutdown {
  private readonly announcer = new Announcer();
  private readonly history = new History();
  private readonly connections: PooledConnection[];
  private readonly lanes: AppendLane[];
  private readonly reader: LogReader;
  private readonly replicas: Replicas;
  private primaryReads = 0;
  /** For measuring: called with the milliseconds from each append to its answer or failure. */
  onAnswered: ((milliseconds: number) => void) | undefined;
  /** Where each committed batch is told of; undefined = appends are not traced. */
  tracing: AppendTracing | undefined;
  private queuedAppends = 0;
  private queuedBytes = 0;
  private closed = false;

  /** @param replicas servers that may answer reads which say how fresh they must be */
  constructor(dataSource: DataSource, replicas: readonly DataSourceOptions[] = []) {
    super();
    this.connections = Array.from({ length: laneCount }, () => new PooledConnection(dataSource));
    this.lanes = this.connections.map((connection) => {
      const lane = { repeatsLikely: false };
      return new AppendLane(
        (pending) => new AppendBatch(pending, connection, this.announcer, this.history, lane, this.tracing),
      );
    });
    this.reader = new LogReader(dataSource, this.history);
    this.replicas = new Replicas(replicas, this.history);
    this.history.listen(() => this.announcer.forget());
  }

  async append(append: Append): Promise<EventOutcome[]> {
    if (append.events.length === 0) return [];
    const encoded = encodeAppend(append);
    this.admit(encoded.bytes);
    const since = performance.now();
    try {
      return await new Promise<EventOutcome[]>((resolve, reject) => {
        const pending = { append: encoded, since, origin: this.tracing?.origin(), resolve, reject };
        this.lanes[encoded.slot % laneCount]!.push(pending);
      });
    } finally {
      this.queuedAppends--;
      this.queuedBytes -= encoded.bytes;
      this.onAnswered?.(performance.now() - since);
    }
  }

  async readStream(stream: string, afterVersion: number, options: ReadOptions = {}): Promise<StreamPage> {
    const { minVersion } = options;
    if (minVersion !== undefined) {
      const page = await this.replicas.stream(stream, afterVersion, minVersion, options);
      if (page !== undefined) return page;
    }
    this.primaryReads += 1;
    return this.reader.stream(stream, afterVersion, options);
  }

  readLifecycle(stream: string): Promise<StreamPage> {
    return this.reader.lifecycle(stream);
  }

  readDetails(stream: string, versions: readonly number[]): Promise<DetailedEvent[]> {
    return this.reader.details(stream, versions);
  }

  readSlot(slot: number, afterPosition: number, options?: ReadBounds): Promise<RecordedEvent[]> {
    this.primaryReads += 1;
    return this.reader.slot(slot, afterPosition, options);
  }

  async readSlots(after: ReadonlyMap<number, number>, options: SlotsReadOptions = {}): Promise<RecordedEvent[]> {
    if (options.minPositions !== undefined) {
      const page = await this.replicas.slots(after, options);
      if (page !== undefined) return [...page.events];
    }
    this.primaryReads += 1;
    const { events } = await this.reader.slots(after, options);
    return [...events];
  }

  heads(): Promise<Heads> {
    return this.reader.heads();
  }

  epochs(): Promise<Epoch[]> {
    return this.reader.epochs();
  }

  onCommitted(listener: CommittedListener): () => void {
    return this.announcer.listen(listener);
  }

  onOtherHistory(listener: () => void): () => void {
    return this.history.listen(listener);
  }

  /** Figures for metrics; counters grow from the start of the process. */
  stats(): EventStoreStats {
    return {
      queuedAppends: this.queuedAppends,
      queuedBytes: this.queuedBytes,
      lanes: this.lanes.map(({ stats }) => ({ ...stats })),
      primaryReads: this.primaryReads,
      replicas: this.replicas.stats(),
    };
  }

  /** Takes no more appends, and resolves when those that wait have been answered, at most after their patience. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.lanes.map((lane) => lane.idle()));
    await Promise.all(this.connections.map((connection) => connection.release()));
    await this.replicas.close();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  private admit(bytes: number): void {
    if (this.closed) throw new DomainError('store.unavailable', 'The event store is closing.', { retryAfterMs: 1_000 });
    // One append may be larger than the limit, as long as it waits alone.
    const full = this.queuedAppends >= queueLimits.appends || this.queuedBytes + bytes > queueLimits.bytes;
    if (full && this.queuedAppends > 0) {
      throw new DomainError('store.unavailable', 'Too many events wait to be stored.', { retryAfterMs: 1_000 });
    }
    this.queuedAppends++;
    this.queuedBytes += bytes;
  }
}
