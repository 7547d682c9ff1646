import { Logger } from '@nestjs/common';
import type { DataSourceOptions } from 'typeorm';
import type { ReadOptions, SlotsReadOptions, StreamPage } from './event-store.ts';
import type { History } from './history.ts';
import type { LogReader, SlotsPage } from './log-reader.ts';
import { Replica, type ReplicaRefusal } from './replica.ts';

export interface ReplicaStats {
  /** Reads that replicas have answered. */
  readonly reads: number;
  /** Answers that were not taken, by replica (host and port) and reason. */
  readonly refusals: readonly { readonly replica: string; readonly reason: ReplicaRefusal; readonly count: number }[];
}

/**
 * Standbys that spare the primary reads of what is known to be there. An answer counts only when it is of the epoch that
 * the primary was in when its heads were last read, and has what the reader knows of; all else is left to the primary.
 */
export class Replicas {
  private readonly logger = new Logger('EventStore');
  private readonly replicas: readonly Replica[];
  private readonly refusals = new Map<Replica, Map<ReplicaRefusal, number>>();
  private readonly failing = new Set<Replica>();
  private reads = 0;
  private turn = 0;

  constructor(
    options: readonly DataSourceOptions[],
    private readonly history: History,
  ) {
    this.replicas = options.map((one) => new Replica(one, history));
  }

  /** Undefined: no replica is fresh enough, or none answers. */
  stream(stream: string, after: number, minVersion: number, options?: ReadOptions): Promise<StreamPage | undefined> {
    return this.ask(
      (reader) => reader.stream(stream, after, options),
      ({ version }) => version >= minVersion,
    );
  }

  /** Undefined: no replica has reached all of `minPositions`, or none answers. */
  slots(after: ReadonlyMap<number, number>, options: SlotsReadOptions): Promise<SlotsPage | undefined> {
    return this.ask(
      (reader) => reader.slots(after, options),
      ({ isFresh }) => isFresh,
    );
  }

  stats(): ReplicaStats {
    const refusals = [...this.refusals].flatMap(([{ name: replica }, counts]) =>
      [...counts].map(([reason, count]) => ({ replica, reason, count })),
    );
    return { reads: this.reads, refusals };
  }

  async close(): Promise<void> {
    await Promise.all(this.replicas.map((replica) => replica.close()));
  }

  private async ask<P extends { readonly epoch: string }>(
    question: (reader: LogReader) => Promise<P>,
    isFresh: (page: P) => boolean,
  ): Promise<P | undefined> {
    const { epoch } = this.history;
    if (epoch === undefined) return undefined;
    const first = this.turn++;
    for (let next = 0; next < this.replicas.length; next++) {
      const replica = this.replicas[(first + next) % this.replicas.length]!;
      if (replica.rests) continue;
      const answer = await this.answerOf(replica, question, (page) =>
        page.epoch !== epoch ? 'epoch' : isFresh(page) ? undefined : 'behind',
      );
      // The primary may have told of another epoch meanwhile: this answer is of what was cut off, perhaps.
      if (this.history.epoch !== epoch) return undefined;
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  private async answerOf<P>(
    replica: Replica,
    question: (reader: LogReader) => Promise<P>,
    refusalOf: (page: P) => ReplicaRefusal | undefined,
  ): Promise<P | undefined> {
    try {
      const page = await replica.ask(question);
      const refusal = refusalOf(page);
      if (refusal === undefined) {
        this.failing.delete(replica);
        this.reads += 1;
        return page;
      }
      this.refuse(replica, refusal);
    } catch (error) {
      this.refuse(replica, 'failed');
      // Once, not every few seconds of an outage. Its message may hold what was asked, but never the password.
      if (!this.failing.has(replica)) this.logger.warn(`the replica ${replica.name} does not answer: ${String(error)}`);
      this.failing.add(replica);
    }
    return undefined;
  }

  private refuse(replica: Replica, refusal: ReplicaRefusal): void {
    replica.rest(refusal);
    const counts = this.refusals.get(replica) ?? new Map<ReplicaRefusal, number>();
    counts.set(refusal, (counts.get(refusal) ?? 0) + 1);
    this.refusals.set(replica, counts);
  }
}
