import type { ClusterNode } from './cluster-node.ts';

/** Looks in which a node's beat stood still until it counts as gone, and beats until one that was gone counts again. */
const missesOut = 3;
const beatsBack = 2;
/** An hour of looks. */
const missesForgotten = 720;

interface Seen {
  node: ClusterNode;
  misses: number;
  /** Since it was gone; undefined while it has not been. */
  returning: number | undefined;
}

/**
 * Who is alive, by what each node was seen to say: three looks without a new beat and it is out, two new beats and it is
 * back. Beats are counted, not dated, so that clocks that differ put nobody out. A look that saw nothing at all says that
 * the registry is away, and judges nobody.
 */
export class NodeHealth {
  private readonly seen = new Map<string, Seen>();

  /** Nodes that are alive, as they were last seen. */
  get healthy(): ClusterNode[] {
    return [...this.seen.values()].filter(isHealthy).map(({ node }) => node);
  }

  /** Nodes that are out, or not yet back; who has left is neither there nor missed. */
  get unhealthy(): ClusterNode[] {
    return [...this.seen.values()]
      .filter((seen) => seen.node.left !== true && !isHealthy(seen))
      .map(({ node }) => node);
  }

  /**
   * One look, every five seconds.
   *
   * @returns ids of nodes that have been away for an hour, or have left a while ago, and that the registry still has: to be
   * removed from it
   */
  look(nodes: readonly ClusterNode[]): string[] {
    if (nodes.length === 0) return [];
    const told = new Map(nodes.map((node) => [node.serverId, node]));
    const forgotten: string[] = [];
    for (const [serverId, seen] of this.seen) {
      const node = told.get(serverId);
      told.delete(serverId);
      if (node !== undefined && isNews(seen.node, node)) this.heard(seen, node);
      // It said that it goes, and has gone: nobody lost it.
      else if (node === undefined && seen.node.draining) this.seen.delete(serverId);
      else if (!missed(seen)) continue;
      else if (node === undefined) this.seen.delete(serverId);
      else forgotten.push(serverId);
    }
    // A stranger is taken at its word; if it is a dead one's last word, it is out after three looks.
    for (const [serverId, node] of told) this.seen.set(serverId, { node, misses: 0, returning: undefined });
    return forgotten;
  }

  /** Newer figures of nodes that are known, between two looks: who has told them is not judged by it. */
  refresh(nodes: readonly ClusterNode[]): void {
    for (const node of nodes) {
      const seen = this.seen.get(node.serverId);
      // Its beat stays what it was, so that the next look hears it.
      if (seen?.node.startId === node.startId) seen.node = { ...node, beat: seen.node.beat };
    }
  }

  private heard(seen: Seen, node: ClusterNode): void {
    // Whoever has left was not lost, and need not prove that it is back.
    if (seen.misses >= missesOut && seen.node.left !== true) seen.returning = 0;
    seen.node = node;
    seen.misses = 0;
    if (seen.returning === undefined) return;
    seen.returning += 1;
    if (seen.returning >= beatsBack) seen.returning = undefined;
  }
}

/** @returns whether it has been away for so long that it is no longer news; of who has left, that all have seen it */
function missed(seen: Seen): boolean {
  if (seen.returning !== undefined) {
    seen.misses = missesOut;
    seen.returning = undefined;
  }
  seen.misses += 1;
  return seen.misses >= (seen.node.left === true ? missesOut : missesForgotten);
}

function isHealthy({ node, misses, returning }: Seen): boolean {
  return node.left !== true && misses < missesOut && returning === undefined;
}

function isNews(before: ClusterNode, now: ClusterNode): boolean {
  return now.startId !== before.startId || now.beat > before.beat;
}
