import type { ClusterNode } from './cluster-node.ts';
import { distanceKm } from './distance.ts';
import { type ClientPlace, loadOf, scoreOf } from './server-score.ts';

/** Above it a server is passed over as long as there is another; the line at which rebalancing begins. */
export const overloaded = 0.85;
/** Servers whose scores lie as close together are equally good: a fifth of the CPU for five seconds says little. */
const nearTie = 0.05;
/** Regions as far away as this still count as nearby. */
const nearbyKm = 3000;

/** Clients that were sent to a server, and that its own count does not hold yet. */
export type InFlight = (serverId: string) => number;

/**
 * The best server for a client, or undefined when there is no room anywhere: in the client's region; if all there are
 * overloaded, in the nearest region that is not; then wherever there is room. Servers that have lost the database are passed
 * over like overloaded ones, and before them: who fails at everything has the fewest connections and the least to do, and
 * would be sent everybody. Where all have lost it, a client is better with one of them, which says so and when to come again,
 * than with none.
 *
 * Of near ties two are drawn and the emptier one is taken: the very best one would get everybody who asks before it is
 * heard of again (M. Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001).
 *
 * @param random 0 ≤ x < 1
 */
export function chooseServer(
  nodes: readonly ClusterNode[],
  client: ClientPlace,
  inFlight: InFlight,
  random: () => number,
): ClusterNode | undefined {
  const load = (node: ClusterNode) => loadOf(node, inFlight(node.serverId));
  const open = nodes.filter((node) => !node.draining && load(node) < 1);
  const serving = open.filter(reachesDatabase);
  const usable = serving.length > 0 ? serving : open;
  const candidates = circleOf(
    usable.filter((node) => load(node) <= overloaded),
    client,
  );
  return bestOf(candidates.length > 0 ? candidates : usable, client, inFlight, random);
}

export function reachesDatabase({ databaseUp }: ClusterNode): boolean {
  return databaseUp !== false;
}

/** Those of the client's region; else those of the nearest region; else all. */
function circleOf(nodes: readonly ClusterNode[], client: ClientPlace): readonly ClusterNode[] {
  const local = nodes.filter(({ region }) => region === client.region);
  if (local.length > 0) return local;
  const { position } = client;
  if (position === undefined) return nodes;
  const nearby = nodes
    .filter((node) => node.position !== undefined && distanceKm(node.position, position) <= nearbyKm)
    .toSorted((a, b) => distanceKm(a.position!, position) - distanceKm(b.position!, position));
  const [nearest] = nearby;
  return nearest === undefined ? nodes : nearby.filter(({ region }) => region === nearest.region);
}

function bestOf(
  nodes: readonly ClusterNode[],
  client: ClientPlace,
  inFlight: InFlight,
  random: () => number,
): ClusterNode | undefined {
  const scored = nodes.map((node) => ({ node, score: scoreOf(node, client, inFlight(node.serverId)) }));
  const best = Math.max(...scored.map(({ score }) => score));
  const ties = scored.filter(({ score }) => score >= best - nearTie).map(({ node }) => node);
  const drawn = Math.floor(random() * ties.length);
  // A second one that is not the first.
  const other = (drawn + 1 + Math.floor(random() * (ties.length - 1))) % Math.max(1, ties.length);
  const [first, second] = [ties[drawn], ties[other]];
  if (first === undefined || second === undefined) return first;
  const load = (node: ClusterNode) => loadOf(node, inFlight(node.serverId));
  return load(second) < load(first) ? second : first;
}
