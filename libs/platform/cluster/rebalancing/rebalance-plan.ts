import type { ClusterNode } from '../cluster-node.ts';
import { overloaded, reachesDatabase } from '../server-choice.ts';
import { loadOf } from '../server-score.ts';
import { distribute, merged, type PlannedMove, type Taker } from './distribution.ts';

/** Below it a server takes what others have too much of. */
const hasRoom = 0.3;
/** No server is brought above it, and an overloaded one is brought half of the way down to it in each round. */
const goal = 0.8;
/** Shares of the mean load that count as even. */
const evenWithin = 0.05;

/** Connections that are on their way to a server already, by its id. */
export type OnTheWay = ReadonlyMap<string, number>;

/**
 * What one round of the automatic rule moves: a server above 0.85 gives ceil((current − 0.8 · max) / 2) connections to those
 * below 0.3, none of which is brought above 0.8. Half of the way, since what servers say is seconds old; the gap between 0.3
 * and 0.85 is what keeps it from swinging. Where all are below 0.85 it does nothing, however uneven they are. Nobody leaves
 * a region, as no newcomer would, unless all servers of it are above 0.85.
 *
 * @param nodes healthy ones, each as it was last heard
 */
export function rebalancePlan(nodes: readonly ClusterNode[]): PlannedMove[] {
  const usable = usableOf(nodes);
  const isFull = (node: ClusterNode) => loadOf(node, 0) > overloaded;
  const withRoom = new Set(usable.filter((node) => !isFull(node)).map(({ region }) => region));
  const givers = usable
    .filter(isFull)
    .toSorted((a, b) => loadOf(b, 0) - loadOf(a, 0))
    .map((node) => ({
      node,
      excess: Math.ceil((node.connections - goal * node.maxConnections) / 2),
      mayLeave: !withRoom.has(node.region),
    }));
  return distribute(givers, usable.filter((node) => loadOf(node, 0) < hasRoom).map(upToGoal)).moves;
}

/**
 * Evens out each region to its mean load in one round: nothing where each server is within 5 % of it already, and never above 0.8.
 *
 * @param nodes healthy ones, each as it was last heard
 */
export function evenOutPlan(nodes: readonly ClusterNode[]): PlannedMove[] {
  const usable = usableOf(nodes);
  const regions = new Set(usable.map(({ region }) => region));
  return [...regions].flatMap((region) => evenOut(usable.filter((node) => node.region === region)));
}

function evenOut(nodes: readonly ClusterNode[]): PlannedMove[] {
  const mean = sum(nodes, ({ connections }) => connections) / sum(nodes, ({ maxConnections }) => maxConnections);
  const due = ({ maxConnections }: ClusterNode) => Math.min(mean, goal) * maxConnections;
  if (nodes.every((node) => Math.abs(node.connections - due(node)) <= evenWithin * due(node))) return [];
  const givers = nodes
    .map((node) => ({ node, excess: node.connections - Math.ceil(due(node)), mayLeave: false }))
    .toSorted((a, b) => b.excess - a.excess);
  const takers = nodes.map((node) => ({ node, room: Math.floor(due(node)) - node.connections }));
  return distribute(givers, takers).moves;
}

/**
 * Everybody of a server that is drained, to those with most room: of its region first, then of the nearest other one, up to
 * 0.8 of each, and only where that is not enough up to all of it, since who finds no place is not moved at all.
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
  const giver = { node: drained, excess: drained.connections, mayLeave: true };
  const roomy = distribute([giver], others.map(upToGoal));
  if (roomy.left === 0) return roomy.moves;
  const given = new Map(roomy.moves.map(({ to, connections }) => [to, connections]));
  const rest = others.map((node) => {
    const taken = node.connections + (given.get(node.serverId) ?? 0);
    return { node, room: node.maxConnections - taken };
  });
  const { moves } = distribute([{ ...giver, excess: roomy.left }], rest);
  return merged([...roomy.moves, ...moves]);
}

/** One that has lost the database neither takes anybody nor hears what it is ordered to give. */
function usableOf(nodes: readonly ClusterNode[]): ClusterNode[] {
  return nodes.filter((node) => !node.draining && node.maxConnections > 0 && reachesDatabase(node));
}

function upToGoal(node: ClusterNode): Taker {
  return { node, room: Math.floor(goal * node.maxConnections) - node.connections };
}

function sum<T>(of: readonly T[], value: (each: T) => number): number {
  return of.reduce((total, each) => total + value(each), 0);
}
