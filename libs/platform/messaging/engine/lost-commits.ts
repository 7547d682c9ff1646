import { Logger } from '@nestjs/common';
import { BuildRetired, type CheckpointStore } from './checkpoint-store.ts';
import type { RunningProjection } from './running-projection.ts';

/**
 * Finds out what a crash of the database has taken back. Rows and checkpoints are committed without waiting for the disk, so
 * after a crash both may stand where they stood a moment before. A slot that has more to apply finds its checkpoint moved;
 * one that rests would rest for ever, with rows that are behind.
 */
export class LostCommits {
  private readonly logger = new Logger('Projections');
  private looking: Promise<void> | undefined;

  constructor(private readonly checkpoints: Pick<CheckpointStore, 'read'>) {}

  /** Compares the slots that rest with what is kept, and calls back for projections that have to go back. */
  look(projections: readonly RunningProjection[], wentBack: (projection: RunningProjection) => void): void {
    this.looking ??= this.compareAll(projections, wentBack).finally(() => (this.looking = undefined));
  }

  /** Resolves when nothing is being compared. */
  async idle(): Promise<void> {
    await this.looking;
  }

  private async compareAll(
    projections: readonly RunningProjection[],
    wentBack: (projection: RunningProjection) => void,
  ): Promise<void> {
    for (const projection of projections) {
      try {
        if (!projection.ended && (await this.compare(projection))) wentBack(projection);
      } catch (error) {
        // The next look will tell; while the database is away, the workers and the feed say so.
        if (!(error instanceof BuildRetired)) return;
      }
    }
  }

  private async compare(projection: RunningProjection): Promise<boolean> {
    const resting = projection.lanes.filter(({ isFollowed, pending }) => isFollowed && pending === 0);
    const before = resting.map((lane) => ({ lane, checkpoint: lane.checkpoint }));
    const kept = await this.checkpoints.read(projection.build);
    const lost = before.filter(
      ({ lane, checkpoint }) => lane.checkpoint === checkpoint && (kept[lane.slot] ?? 0) < checkpoint,
    );
    if (lost.length === 0 || projection.ended) return false;
    const events = lost.reduce((sum, { lane, checkpoint }) => sum + checkpoint - kept[lane.slot]!, 0);
    this.logger.warn(`${projection.name}: a crash of the database took ${events} events back, applying them again`);
    projection.settle(new Map(lost.map(({ lane }) => [lane.slot, kept[lane.slot]!])));
    return true;
  }
}
