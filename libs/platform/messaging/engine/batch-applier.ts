import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Clock } from '#platform/kernel';
import type { Tracing } from '#platform/observability';
import { type Batch, bisect, movesOf, wantedEvents } from './batch.ts';
import { BuildRetired, CheckpointMoved, type CheckpointStore, TransientFailure } from './checkpoint-store.ts';
import type { ProjectionMetrics } from './projection-metrics.ts';
import type { RunningProjection } from './running-projection.ts';

/** An event that fails alone so many times is taken for the reason. */
const triesAlone = 3;

/**
 * Applies a batch, and when its events are the reason that it fails, finds the one by bisecting and parks its stream.
 * What throws instead, leaving the rest of the batch unapplied, is what another attempt may settle: `CheckpointMoved`
 * and `TransientFailure`; and `BuildRetired`, after which there is nothing left to do.
 */
export class BatchApplier {
  private readonly logger = new Logger('Projections');

  constructor(
    private readonly checkpoints: CheckpointStore,
    private readonly metrics: ProjectionMetrics,
    private readonly clock: Clock,
    /** Milliseconds between two tries of one event alone. */
    private readonly pauseMs = 100,
    private readonly tracing?: Pick<Tracing, 'projected'> | undefined,
  ) {}

  async apply(projection: RunningProjection, batch: Batch): Promise<void> {
    // It may stop in the middle of a batch that is being bisected; what is left stays for the next start.
    if (projection.ended) return;
    const wanted = wantedEvents(batch).length;
    if (wanted === 1) return this.applyAlone(projection, batch);
    try {
      await this.advance(projection, batch);
    } catch (error) {
      if (isNoFaultOfEvents(error) || wanted === 0) throw error;
      this.logger.warn(
        `${projection.name}: a batch of ${wanted} events failed, looking for the one: ${messageOf(error)}`,
      );
      const [first, second] = bisect(batch);
      await this.apply(projection, first);
      await this.apply(projection, second);
    }
  }

  private async applyAlone(projection: RunningProjection, batch: Batch): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.advance(projection, batch);
        return;
      } catch (error) {
        if (isNoFaultOfEvents(error)) throw error;
        if (projection.ended) return;
        if (attempt === triesAlone) return this.park(projection, batch, error);
        await delay(this.pauseMs * attempt);
      }
    }
  }

  private async advance(projection: RunningProjection, batch: Batch): Promise<void> {
    const moves = movesOf(batch);
    const began = performance.now();
    await this.checkpoints.advance(projection.build, moves, wantedEvents(batch));
    this.metrics.batchSeconds.observe({ projection: projection.name }, (performance.now() - began) / 1000);
    this.metrics.batchEvents.observe({ projection: projection.name }, batch.length);
    // A rebuild goes over what has had its traces.
    if (!projection.filling) this.tracing?.projected(projection.name, wantedEvents(batch), began);
    for (const { slot, to } of moves) projection.lanes[slot]!.settle(to);
  }

  private async park(projection: RunningProjection, batch: Batch, error: unknown): Promise<void> {
    const [event] = wantedEvents(batch);
    const moves = movesOf(batch);
    const parked = await this.checkpoints.park(projection.build, moves, event!, error);
    for (const { slot, to } of moves) projection.lanes[slot]!.settle(to);
    const where = `${event!.stream} at version ${event!.version} (${event!.type})`;
    if (!parked) {
      this.logger.warn(`${projection.name}: left out ${where}, which was discarded before: ${messageOf(error)}`);
      return;
    }
    this.logger.error(
      `${projection.name}: parked ${where}, which failed ${triesAlone} times: ${messageOf(error)}`,
      error instanceof Error ? error.stack : undefined,
    );
    const running = !projection.stopped;
    projection.noteParked(this.clock.now());
    if (running && projection.stopped) {
      this.metrics.stopped.set({ projection: projection.name }, 1);
      this.logger.fatal(`${projection.name}: stopped, because it parked more than 100 streams within a minute`);
    }
    await this.countParked(projection);
  }

  /** Sets the gauge from what is kept, so that it is right after a start and when other processes park or replay too. */
  async countParked(projection: RunningProjection): Promise<void> {
    if (projection.filling) return;
    const parked = await this.checkpoints.parkedStreams(projection.build);
    this.metrics.parked.set({ projection: projection.name }, parked.length);
  }
}

/** What another attempt may settle, or needs none any more. */
function isNoFaultOfEvents(error: unknown): boolean {
  return error instanceof CheckpointMoved || error instanceof BuildRetired || error instanceof TransientFailure;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
