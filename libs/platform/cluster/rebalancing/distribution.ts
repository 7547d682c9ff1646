import type { ClusterNode } from '../cluster-node.ts';
import { distanceKm } from '../distance.ts';

export interface PlannedMove {
  /** Ids of servers. */
  readonly from: string;
  readonly to: string;
  readonly connections: number;
}

export interface Giver {
  readonly node: ClusterNode;
  readonly excess: number;
  /** Whether connections may go to other regions where the own one has no room. */
  readonly mayLeave: boolean;
}

export interface Taker {
  readonly node: ClusterNode;
  readonly room: number;
}

interface OpenTaker {
  readonly node: ClusterNode;
  room: number;
}

/**
 * What givers have too much, to takers: of the giver's region first, then of the nearest other one, and so on. `left`: what
 * found no room.
 */
export function distribute(givers: readonly Giver[], takers: readonly Taker[]): { moves: PlannedMove[]; left: number } {
  const open = takers.map(({ node, room }) => ({ node, room }));
  const moves: PlannedMove[] = [];
  let left = 0;
  for (const { node, excess, mayLeave } of givers) {
    let rest = Math.max(0, excess);
    for (const circle of circlesAround(node, open, mayLeave)) rest = give(node.serverId, rest, circle, moves);
    left += rest;
  }
  return { moves: merged(moves), left };
}

/** One move for each pair of servers. */
export function merged(moves: readonly PlannedMove[]): PlannedMove[] {
  const sums = new Map<string, PlannedMove>();
  for (const { from, to, connections } of moves) {
    const key = JSON.stringify([from, to]);
    sums.set(key, { from, to, connections: connections + (sums.get(key)?.connections ?? 0) });
  }
  return [...sums.values()];
}

/** To those with most room first, in shares, so that several empty servers are filled evenly. @returns what is left */
function give(from: string, excess: number, circle: readonly OpenTaker[], moves: PlannedMove[]): number {
  const open = circle.filter(({ room }) => room > 0);
  let rest = excess;
  while (rest > 0) {
    const taker = open.toSorted((a, b) => b.room - a.room)[0];
    if (taker === undefined || taker.room <= 0) break;
    const connections = Math.min(rest, taker.room, Math.ceil(rest / open.length));
    taker.room -= connections;
    rest -= connections;
    moves.push({ from, to: taker.node.serverId, connections });
  }
  return rest;
}

/** Takers of the own region; then those of the other ones by distance, all at once that are as far or nobody knows how far. */
function circlesAround(
  { region, position }: ClusterNode,
  takers: readonly OpenTaker[],
  mayLeave: boolean,
): OpenTaker[][] {
  const local = takers.filter(({ node }) => node.region === region);
  if (!mayLeave) return [local];
  const distanceOf = ({ node }: OpenTaker) =>
    position === undefined || node.position === undefined ? Infinity : distanceKm(node.position, position);
  const abroad = takers.filter(({ node }) => node.region !== region);
  const distances = [...new Set(abroad.map(distanceOf))].toSorted((a, b) => (a === b ? 0 : a - b));
  return [local, ...distances.map((distance) => abroad.filter((taker) => distanceOf(taker) === distance))];
}
