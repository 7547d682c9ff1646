import type { ClusterMove } from '@testcast/contracts';
import type { ClusterNode } from '../cluster-node.ts';

/** Words of a server after which its figures are taken to show what a round has moved. */
const wordsToHear = 2;

/**
 * When the next round may be planned: not before each server that gave or took in the last one has been heard twice since it
 * ended. Figures are seconds old: planned on those from before, what has just moved would be moved again. Pure.
 */
export class Settling {
  private readonly waits = new Map<string, Pick<ClusterNode, 'startId' | 'beat'>>();
  private readonly ended = new Set<string>();
  private last: ClusterMove[] = [];
  private hasNoted = false;

  /** Who has just begun to lead does not know what others have ordered: all are heard first. */
  begin(nodes: readonly ClusterNode[]): void {
    for (const node of nodes) this.waitFor(node);
  }

  /** @param moves the recent ones; what has ended since the last call is waited for */
  note(moves: readonly ClusterMove[], nodes: readonly ClusterNode[]): void {
    // Also where nobody asks whether it is over, what is over is forgotten.
    this.isOver(nodes);
    const now = new Set(moves.filter(({ endedAt }) => endedAt !== undefined).map(({ id }) => id));
    for (const move of moves) {
      const { id, from, to } = move;
      if (!now.has(id) || this.ended.has(id)) continue;
      // What had ended before this server began is no answer to anybody; its figures are waited for all the same.
      if (this.hasNoted) this.last.push(move);
      for (const node of nodes) if (node.serverId === from || node.serverId === to) this.waitFor(node);
    }
    this.hasNoted = true;
    this.ended.clear();
    for (const id of now) this.ended.add(id);
  }

  /** Moves that have ended, and that figures may not show yet. */
  get unsettled(): readonly ClusterMove[] {
    return this.last;
  }

  isOver(nodes: readonly ClusterNode[]): boolean {
    for (const [serverId, { startId, beat }] of this.waits) {
      const node = nodes.find((each) => each.serverId === serverId);
      // One that has gone or has begun anew says nothing of that round any more.
      if (node === undefined || node.startId !== startId || node.beat >= beat + wordsToHear)
        this.waits.delete(serverId);
    }
    if (this.waits.size > 0) return false;
    this.last = [];
    return true;
  }

  private waitFor({ serverId, startId, beat }: ClusterNode): void {
    this.waits.set(serverId, { startId, beat });
  }
}
