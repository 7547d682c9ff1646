import type { ClusterMove } from '@testcast/contracts';
import type { ClusterNode } from '../cluster-node.ts';

type Words = Map<string, Pick<ClusterNode, 'startId' | 'beat'>>;

/** Words of a server after which its figures are taken to show what a round has moved. */
const wordsToHear = 2;

/**
 * When the next round may be planned: not before each server that gave or took in the last one has been heard twice since it
 * ended. Figures are seconds old: planned on those from before, what has just moved would be moved again. Pure.
 */
export class Settling {
  /** Since a round, and since this server leads. */
  private readonly sinceRound: Words = new Map();
  private readonly sinceLeading: Words = new Map();
  private readonly ended = new Set<string>();
  private last: ClusterMove[] = [];
  private hasNoted = false;

  /** Who has just begun to lead does not know what others have ordered: all are heard first. */
  begin(nodes: readonly ClusterNode[]): void {
    for (const node of nodes) waitFor(this.sinceLeading, node);
  }

  /** @param moves the recent ones; what has ended since the last call is waited for */
  note(moves: readonly ClusterMove[], nodes: readonly ClusterNode[]): void {
    // Also where nobody asks whether it is over, what is over is forgotten.
    this.hasSettled(nodes);
    const now = new Set(moves.filter(({ endedAt }) => endedAt !== undefined).map(({ id }) => id));
    for (const move of moves) {
      const { id, from, to } = move;
      if (!now.has(id) || this.ended.has(id)) continue;
      // What had ended before this server began is no answer to anybody; its figures are waited for all the same.
      if (this.hasNoted) this.last.push(move);
      for (const node of nodes) if (node.serverId === from || node.serverId === to) waitFor(this.sinceRound, node);
    }
    this.hasNoted = true;
    this.ended.clear();
    for (const id of now) this.ended.add(id);
  }

  /** Moves that have ended, and that figures may not show yet. */
  get unsettled(): readonly ClusterMove[] {
    return this.last;
  }

  /** Whether figures show the last round, and this server, where it leads, has heard of all. */
  isOver(nodes: readonly ClusterNode[]): boolean {
    const isHeard = haveSpoken(this.sinceLeading, nodes);
    return this.hasSettled(nodes) && isHeard;
  }

  /** Whether figures show the last round: enough for somebody who asks for one, and whom a new leader need not keep waiting. */
  hasSettled(nodes: readonly ClusterNode[]): boolean {
    if (!haveSpoken(this.sinceRound, nodes)) return false;
    this.last = [];
    return true;
  }
}

function waitFor(words: Words, { serverId, startId, beat }: ClusterNode): void {
  words.set(serverId, { startId, beat });
}

function haveSpoken(words: Words, nodes: readonly ClusterNode[]): boolean {
  for (const [serverId, { startId, beat }] of words) {
    const node = nodes.find((each) => each.serverId === serverId);
    // One that has gone or has begun anew says nothing of that round any more.
    if (node === undefined || node.startId !== startId || node.beat >= beat + wordsToHear) words.delete(serverId);
  }
  return words.size === 0;
}
