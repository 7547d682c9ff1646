import type { ClusterMove, ClusterNodeRow } from '@testcast/contracts';
import { plural } from '../../format/count.ts';
import { formatElapsed } from '../../format/duration.ts';

export interface DrainProgress {
  readonly says: string;
  /** Connections that have gone since it began, of those that were there; absent while nothing moves. */
  readonly moved?: number | undefined;
  readonly of?: number | undefined;
}

/** It takes nobody, and nobody is left. */
export function isDrained({ state, connections }: ClusterNodeRow): boolean {
  return state === 'draining' && connections === 0;
}

/** How far a server is that takes nobody; undefined where no connection is left. @param now epoch milliseconds */
export function drainProgressOf(
  node: ClusterNodeRow,
  nodes: readonly ClusterNodeRow[],
  moves: readonly ClusterMove[],
  now: number,
): DrainProgress | undefined {
  const { serverId, connections, drainsFrom } = node;
  if (connections === 0) return undefined;
  const left = plural(connections, 'connection');
  if (!nodes.some((other) => other.serverId !== serverId && other.state === 'up')) {
    return { says: `keeps ${left}: no other server is up` };
  }
  if (drainsFrom !== undefined && now < drainsFrom) {
    return { says: `gives its ${left} away in ${formatElapsed(drainsFrom - now + 999)}` };
  }
  const since = drainsFrom ?? 0;
  const moved = moves
    .filter(({ from, reason, orderedAt }) => from === serverId && reason === 'drain' && orderedAt >= since - 1000)
    .reduce((sum, move) => sum + move.moved, 0);
  return { says: `${left} left`, moved, of: moved + connections };
}
