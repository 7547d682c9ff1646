import type { ClusterNode } from '../cluster-node.ts';
import { overloaded } from '../server-choice.ts';
import { loadOf } from '../server-score.ts';

/** Below it a server takes what others have too much of. */
const hasRoom = 0.3;
/** No server is brought above it, and an overloaded one is brought half of the way down to it in each round. */
const goal = 0.8;
/** Shares of the mean load that count as even. */
const evenWithin = 0.05;

export interface PlannedMove {
  /** Ids of servers. */
  readonly from: string;
  readonly to: string;
  readonly connections: number;
}

/** Connections that are on their way to a server already, by its id. */
export type OnTheWay = ReadonlyMap<string, number>;

interface Giver {
  readonly serverId: string;
  readonly excess: number;
}

interface Taker {
  readonly serverId: string;
  room: number;
}

/**
 * What one round of the automatic rule moves: a server above 0.85 gives ceil((current − 0.8 · max) / 2) connections to those
 * below 0.3, none of which is brought above 0.8. Half of the way, since what servers say is seconds old; the gap between 0.3
 * and 0.85 is what keeps it from swinging. Where all are below 0.85 it does nothing, however uneven they are.
 *
 * @param nodes healthy ones, each as it was last heard
 */
export function rebalancePlan(nodes: readonly ClusterNode[]): PlannedMove[] {
  const usable = usableOf(nodes);
  const givers = usable
    .filter((node) => loadOf(node, 0) > overloaded)
    .toSorted((a, b) => loadOf(b, 0) - loadOf(a, 0))
    .map(({ serverId, connections, maxConnections }) => ({
      serverId,
      excess: Math.ceil((connections - goal * maxConnections) / 2),
    }));
  return distribute(givers, usable.filter((node) => loadOf(node, 0) < hasRoom).map(upToGoal));
}

/**
 * Evens out to the mean load in one round: nothing where each server is within 5 % of it already, and never above 0.8.
 *
 * @param nodes healthy ones, each as it was last heard
 */
export function evenOutPlan(nodes: readonly ClusterNode[]): PlannedMove[] {
  const usable = usableOf(nodes);
  const mean = sum(usable, ({ connections }) => connections) / sum(usable, ({ maxConnections }) => maxConnections);
  const due = ({ maxConnections }: ClusterNode) => Math.min(mean, goal) * maxConnections;
  if (usable.every((node) => Math.abs(node.connections - due(node)) <= evenWithin * due(node))) return [];
  const givers = usable
    .map((node) => ({ serverId: node.serverId, excess: node.connections - Math.ceil(due(node)) }))
    .toSorted((a, b) => b.excess - a.excess);
  const takers = usable.map((node) => ({
    serverId: node.serverId,
    room: Math.floor(due(node)) - node.connections,
  }));
  return distribute(givers, takers);
}

/**
 * Everybody of a server that is drained, to those with most room: up to 0.8 of each, and
 * only where that is not enough up to all of it, since who finds no place is not moved at all.
 *
 * @param onTheWay what earlier orders bring
 * @returns as much as the others have room for
 */
export function drainPlan(nodes: readonly ClusterNode[], serverId: string, onTheWay: OnTheWay): PlannedMove[] {
  const drained = nodes.find((node) => node.serverId === serverId);
  if (drained === undefined) return [];
  const others = usableOf(nodes)
    .filter((node) => node.serverId !== serverId)
    .map((node) => ({ ...node, connections: node.connections + (onTheWay.get(node.serverId) ?? 0) }));
  const roomy = others.map(upToGoal);
  const enough = sum(roomy, ({ room }) => Math.max(0, room)) >= drained.connections;
  const takers = enough
    ? roomy
    : others.map((node) => ({ serverId: node.serverId, room: node.maxConnections - node.connections }));
  return distribute([{ serverId, excess: drained.connections }], takers);
}

function usableOf(nodes: readonly ClusterNode[]): ClusterNode[] {
  return nodes.filter(({ draining, maxConnections }) => !draining && maxConnections > 0);
}

function upToGoal({ serverId, connections, maxConnections }: ClusterNode): Taker {
  return { serverId, room: Math.floor(goal * maxConnections) - connections };
}

/** To those with most room first, in shares, so that several empty servers are filled evenly. */
function distribute(givers: readonly Giver[], takers: Taker[]): PlannedMove[] {
  const moves = new Map<string, PlannedMove>();
  const open = takers.filter(({ room }) => room > 0);
  for (const giver of givers) {
    let { excess } = giver;
    while (excess > 0) {
      const taker = open.toSorted((a, b) => b.room - a.room)[0];
      if (taker === undefined || taker.room <= 0) return [...moves.values()];
      const connections = Math.min(excess, taker.room, Math.ceil(excess / open.length));
      taker.room -= connections;
      excess -= connections;
      const key = JSON.stringify([giver.serverId, taker.serverId]);
      const before = moves.get(key)?.connections ?? 0;
      moves.set(key, { from: giver.serverId, to: taker.serverId, connections: before + connections });
    }
  }
  return [...moves.values()];
}

function sum<T>(of: readonly T[], value: (each: T) => number): number {
  return of.reduce((total, each) => total + value(each), 0);
}
