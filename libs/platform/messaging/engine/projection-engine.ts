import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { EventStore, RecordedEvent } from '#platform/event-store';
import type { Clock } from '#platform/kernel';
import { backoffMs } from './backoff.ts';
import { BatchApplier } from './batch-applier.ts';
import type { CheckpointStore, ParkedStream } from './checkpoint-store.ts';
import type { Lane } from './lane.ts';
import type { ProjectionHandler } from './projection-handler.ts';
import type { ProjectionMetrics } from './projection-metrics.ts';
import { ProjectionWorker } from './projection-worker.ts';
import { RunningProjection } from './running-projection.ts';

const workerCount = 8;
/** Bytes of events that a projection keeps before the feed has to wait for it, or, while it cannot go on, is not kept for it. */
const budget = 8 * 1024 * 1024;

export interface EngineOptions {
  /** Milliseconds between two tries of one event alone (default 100). */
  readonly pauseMs?: number | undefined;
  /** Milliseconds to wait after so many failures in a row that lie outside the events (default: `backoffMs`). */
  readonly retryMs?: ((failures: number) => number) | undefined;
  /** Milliseconds after which a head that is still ahead is read from the log (default 1,000). */
  readonly holeAfterMs?: number | undefined;
}

/**
 * Brings the read models to where the log is. Feeds `offer` events and `noteHeads` once in a while; they may repeat, lag,
 * reorder or lose, and every event is still applied once, since checkpoints move in the transaction of the rows and what
 * is missing is read from the log.
 */
export class ProjectionEngine {
  private readonly logger = new Logger('Projections');
  private readonly applier: BatchApplier;
  private readonly workers: ProjectionWorker[];
  private readonly holeAfterMs: number;
  private readonly assigned = new Set<Lane>();
  private projections: RunningProjection[] = [];
  private running: Promise<unknown> = Promise.resolve();
  private waitingForRoom: (() => void)[] = [];
  private stopping = false;
  private lastHeads: { readonly positions: readonly number[]; readonly at: number } | undefined;

  constructor(
    private readonly store: Pick<EventStore, 'readSlot' | 'heads'>,
    private readonly checkpoints: CheckpointStore,
    private readonly metrics: ProjectionMetrics,
    clock: Clock,
    options: EngineOptions = {},
  ) {
    const { retryMs = backoffMs } = options;
    this.holeAfterMs = options.holeAfterMs ?? 1_000;
    this.applier = new BatchApplier(checkpoints, metrics, clock, options.pauseMs);
    this.workers = Array.from({ length: workerCount }, () => {
      return new ProjectionWorker({
        store,
        applier: this.applier,
        metrics,
        retryMs,
        onTurn: (...turn) => this.endTurn(...turn),
      });
    });
  }

  /**
   * Starts from the checkpoints and reads by itself what the log has up to now. Waits for a database that is away.
   *
   * @returns the heads of the log: a feed goes on after them
   */
  async start(handlers: readonly ProjectionHandler[]): Promise<readonly number[]> {
    this.projections = handlers.map((handler) => new RunningProjection(handler));
    const heads = await this.reload();
    this.running = Promise.all(this.workers.map((worker) => worker.run()));
    return heads;
  }

  /** Takes checkpoints and heads as they are kept: at the start, and when the log's history has changed. */
  async reload(): Promise<readonly number[]> {
    for (const projection of this.projections) {
      const positions = await this.persistently(() => this.checkpoints.load(projection.handler));
      projection.settle(new Map(positions.entries()));
      this.metrics.stopped.set({ projection: projection.name }, projection.stopped ? 1 : 0);
      // A counter that is first seen at 1 has no increase that an alert could see.
      this.metrics.retries.inc({ projection: projection.name }, 0);
      await this.persistently(() => this.applier.countParked(projection));
    }
    const { positions } = await this.persistently(() => this.store.heads());
    this.catchUpTo(positions);
    return positions;
  }

  /** Takes events from a feed. Resolves when there is room for more, at once as a rule. */
  async offer(events: readonly RecordedEvent[]): Promise<void> {
    for (const projection of this.projections) {
      let { bytes } = projection;
      for (const event of events) {
        const lane = projection.lanes[event.slot]!;
        const before = lane.bytes;
        lane.offer(event, bytes < budget && !projection.stopped);
        bytes += lane.bytes - before;
        this.schedule(projection, lane);
      }
    }
    await this.room();
  }

  /** Takes the heads of the log as a feed sees them: one that stays ahead for a second is read from the log. */
  noteHeads(positions: readonly number[]): void {
    const now = performance.now();
    if (this.lastHeads !== undefined && now - this.lastHeads.at < this.holeAfterMs) return;
    if (this.lastHeads !== undefined) this.catchUpTo(this.lastHeads.positions);
    this.lastHeads = { positions, at: now };
    for (const projection of this.projections) this.metrics.lag.set({ projection: projection.name }, projection.lag);
  }

  /** Lets transactions in flight finish and resolves then. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const worker of this.workers) worker.stop();
    for (const resume of this.waitingForRoom.splice(0)) resume();
    await this.running;
  }

  /** Names of projections that stopped because they parked too many streams. */
  stoppedProjections(): string[] {
    return this.projections.filter((projection) => projection.stopped).map((projection) => projection.name);
  }

  /** Streams that the projection has set aside, the longest parked first. Throws for a name that is not running here. */
  async parkedStreams(name: string): Promise<ParkedStream[]> {
    return this.checkpoints.parkedStreams(this.find(name).handler);
  }

  /**
   * Applies what was set aside of a stream and takes it out of parking: all of it, or nothing when an event fails again.
   *
   * @returns the number of events applied, 0 when the stream is not parked
   */
  async replayParked(name: string, stream: string): Promise<number> {
    const projection = this.find(name);
    const applied = await this.checkpoints.replay(projection.handler, stream);
    await this.applier.countParked(projection);
    return applied;
  }

  private find(name: string): RunningProjection {
    const projection = this.projections.find((candidate) => candidate.name === name);
    if (projection === undefined) throw new Error(`no projection named "${name}" runs here`);
    return projection;
  }

  private catchUpTo(heads: readonly number[]): void {
    for (const projection of this.projections) {
      for (const lane of projection.lanes) {
        lane.noteHead(heads[lane.slot] ?? 0);
        this.schedule(projection, lane);
      }
    }
  }

  /**
   * A lane with work goes to the least loaded worker, unless one has it already. Load counts in whole batches: what still
   * fits into a worker's next transaction costs little there, and a transaction of its own with another worker.
   */
  private schedule(projection: RunningProjection, lane: Lane): void {
    if (lane.pending === 0 || projection.stopped || this.assigned.has(lane)) return;
    let idlest = this.workers[0]!;
    let least = idlest.batches;
    for (const worker of this.workers) {
      if (least === 0) break;
      const { batches } = worker;
      if (batches < least) [idlest, least] = [worker, batches];
    }
    this.assigned.add(lane);
    idlest.add(projection, lane);
  }

  private endTurn(projection: RunningProjection, released: readonly Lane[]): void {
    for (const lane of released) {
      this.assigned.delete(lane);
      this.schedule(projection, lane);
    }
    if (this.waitingForRoom.length > 0 && this.hasRoom()) for (const resume of this.waitingForRoom.splice(0)) resume();
  }

  private hasRoom(): boolean {
    // One that backs off or has stopped would hold up all the others, so it reads what it misses from the log instead.
    return this.projections.every(({ stopped, backingOff, bytes }) => stopped || backingOff > 0 || bytes < budget);
  }

  private async room(): Promise<void> {
    while (!this.stopping && !this.hasRoom()) await new Promise<void>((resume) => this.waitingForRoom.push(resume));
  }

  private async persistently<T>(action: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await action();
      } catch (error) {
        if (this.stopping) throw error;
        const message = error instanceof Error ? error.message : String(error);
        if (attempt === 1 || attempt % 12 === 0) this.logger.warn(`the projections cannot start: ${message}`);
        await delay(backoffMs(attempt));
      }
    }
  }
}
