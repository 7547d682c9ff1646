import { Logger } from '@nestjs/common';
import type { EventStore } from '#platform/event-store';
import type { BatchApplier } from './batch-applier.ts';
import type { Batch, Entry } from './batch.ts';
import { BuildRetired, CheckpointMoved } from './checkpoint-store.ts';
import type { Lane } from './lane.ts';
import type { ProjectionMetrics } from './projection-metrics.ts';
import type { RunningProjection } from './running-projection.ts';
import { Signal } from './signal.ts';

/** Events that a transaction holds: what a worker's load is counted in. */
const usualBatch = 500;
/** What a lane may take before it is another's turn. */
const turnEvents = 500;

/** A projection's lanes at one worker, the one whose turn it is first. */
interface Group {
  readonly projection: RunningProjection;
  readonly lanes: { lane: Lane; taken: number }[];
  /** Failures in a row. */
  attempt: number;
  /** On the monotonic clock. */
  notBefore: number;
}

export interface WorkerPorts {
  readonly store: Pick<EventStore, 'readSlot'>;
  readonly applier: BatchApplier;
  readonly metrics: ProjectionMetrics;
  /** Milliseconds to wait after so many failures in a row. */
  readonly retryMs: (failures: number) => number;
  /** Called after each turn, with the lanes that are no longer this worker's. */
  readonly onTurn: (projection: RunningProjection, released: readonly Lane[]) => void;
}

/**
 * One of the engine's workers: one transaction at a time, over its lanes of one projection, projections taking turns. A
 * lane stays until nothing of it is left.
 */
export class ProjectionWorker {
  private readonly logger = new Logger('Projections');
  private readonly groups = new Map<RunningProjection, Group>();
  private readonly signal = new Signal();
  private stopping = false;

  constructor(private readonly ports: WorkerPorts) {}

  /**
   * Transactions that it has before one more lane of this projection is applied. What still fits into the next transaction
   * of its own projection costs little; another projection's has to end before, however small it is.
   */
  transactionsBefore(projection: RunningProjection): number {
    let transactions = 0;
    for (const group of this.groups.values()) {
      let events = 0;
      for (const { lane } of group.lanes) events += lane.pending;
      transactions +=
        group.projection === projection ? Math.floor(events / usualBatch) : Math.ceil(events / usualBatch);
    }
    return transactions;
  }

  add(projection: RunningProjection, lane: Lane): void {
    let group = this.groups.get(projection);
    if (group === undefined) {
      group = { projection, lanes: [], attempt: 0, notBefore: 0 };
      this.groups.set(projection, group);
    }
    group.lanes.push({ lane, taken: 0 });
    this.signal.give();
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    while (!this.stopping) {
      const now = performance.now();
      const group = this.nextGroup(now);
      if (group === undefined) await this.signal.wait(this.nextDue() - now);
      else await this.takeTurn(group);
    }
  }

  /** Lets the transaction in flight finish; `run` resolves then. */
  stop(): void {
    this.stopping = true;
    this.signal.give();
  }

  private nextGroup(now: number): Group | undefined {
    for (const group of this.groups.values()) {
      if (group.notBefore > now) continue;
      // To the end of the map's order: projections take turns.
      this.groups.delete(group.projection);
      this.groups.set(group.projection, group);
      return group;
    }
    return undefined;
  }

  private nextDue(): number {
    return Math.min(Infinity, ...[...this.groups.values()].map((group) => group.notBefore));
  }

  private async takeTurn(group: Group): Promise<void> {
    const { projection } = group;
    try {
      const batch = await this.gather(group);
      if (batch.length > 0) await this.ports.applier.apply(projection, batch);
      this.endBackoff(group);
    } catch (error) {
      if (error instanceof CheckpointMoved) projection.settle(error.positions);
      else if (error instanceof BuildRetired) projection.retire();
      else this.backOff(group, error);
    }
    this.ports.onTurn(projection, this.release(group));
  }

  /** Peeks at what comes next in the lanes, reading from the store for those that the feed has not filled. */
  private async gather({ projection, lanes }: Group): Promise<Batch> {
    const batch: Entry[] = [];
    const limits = projection.limits();
    let wanted = 0;
    for (const turn of lanes) {
      if (wanted >= limits.wanted || batch.length >= limits.total) break;
      const { lane } = turn;
      if (lane.buffered === 0 && lane.pending > 0) {
        const before = lane.head;
        const bounds = { limit: limits.page, maxBytes: limits.pageBytes };
        lane.takePage(await this.ports.store.readSlot(lane.slot, lane.fetched, bounds), before);
      }
      for (const event of lane.peek(limits.total - batch.length)) {
        const entry = projection.entry(event);
        batch.push(entry);
        turn.taken += 1;
        if (entry.wanted && (wanted += 1) === limits.wanted) break;
      }
    }
    return batch;
  }

  /** Lets go of lanes that are done, and sends those to the end that have had their turn. */
  private release(group: Group): Lane[] {
    const released: Lane[] = [];
    const turns = group.lanes.splice(0);
    const waiting: typeof turns = [];
    for (const turn of turns) {
      if (turn.lane.pending === 0 || group.projection.ended) released.push(turn.lane);
      // One whose page is not used up stays in front: else a page of every lane would be in memory at once.
      else if (turn.taken > 0 && (turn.lane.buffered === 0 || turn.taken >= turnEvents))
        waiting.push({ lane: turn.lane, taken: 0 });
      else group.lanes.push(turn);
    }
    group.lanes.push(...waiting);
    if (group.lanes.length === 0) {
      this.endBackoff(group);
      this.groups.delete(group.projection);
    }
    return released;
  }

  private backOff(group: Group, error: unknown): void {
    if (group.attempt === 0) group.projection.backingOff += 1;
    group.attempt += 1;
    const wait = this.ports.retryMs(group.attempt);
    group.notBefore = performance.now() + wait;
    this.ports.metrics.retries.inc({ projection: group.projection.name });
    // The first, and then about one a minute: a database that is away must not fill the disk with lines.
    if (group.attempt === 1 || group.attempt % 12 === 0) {
      const message = error instanceof Error ? error.message : String(error);
      this.logger.warn(
        `${group.projection.name}: attempt ${group.attempt} failed, next in ${Math.round(wait)} ms: ${message}`,
      );
    }
  }

  private endBackoff(group: Group): void {
    if (group.attempt > 0) group.projection.backingOff -= 1;
    group.attempt = 0;
    group.notBefore = 0;
  }
}
