import type { ClusterMove, ClusterMoveReason } from '@testcast/contracts';
import type { MoveProgress } from './move-orders.ts';

interface Counts {
  ordered: number;
  moved: number;
  failed: number;
}

/** Connections that this server has ordered to move, and those that it gave, since its start. */
export class MoveCounts {
  private readonly counts = new Map<ClusterMoveReason, Counts>();
  /** Epoch milliseconds of the last round that this server ordered; undefined while it has ordered none. */
  lastRoundAt: number | undefined;

  get byReason(): ReadonlyMap<ClusterMoveReason, Readonly<Counts>> {
    return this.counts;
  }

  ordered(moves: readonly ClusterMove[]): void {
    for (const { reason, ordered, orderedAt } of moves) {
      this.of(reason).ordered += ordered;
      this.lastRoundAt = Math.max(this.lastRoundAt ?? 0, orderedAt);
    }
  }

  ended(reason: ClusterMoveReason, { moved, failed }: MoveProgress): void {
    const counts = this.of(reason);
    counts.moved += moved;
    counts.failed += failed;
  }

  private of(reason: ClusterMoveReason): Counts {
    const counts = this.counts.get(reason) ?? { ordered: 0, moved: 0, failed: 0 };
    this.counts.set(reason, counts);
    return counts;
  }
}
