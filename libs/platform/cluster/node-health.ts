import type { ClusterNode } from './cluster-node.ts';

/** Looks in which a node's beat stood still until it counts as gone, and beats until one that was gone counts again. */
const missesOut = 3;
const beatsBack = 2;

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

  /** Nodes that are out, or not yet back. */
  get unhealthy(): ClusterNode[] {
    return [...this.seen.values()].filter((seen) => !isHealthy(seen)).map(({ node }) => node);
  }

  /** One look, every five seconds. */
  look(nodes: readonly ClusterNode[]): void {
    if (nodes.length === 0) return;
    const told = new Map(nodes.map((node) => [node.serverId, node]));
    for (const [serverId, seen] of this.seen) {
      const node = told.get(serverId);
      if (node === undefined || !isNews(seen.node, node)) this.missed(serverId, seen);
      else this.heard(seen, node);
      told.delete(serverId);
    }
    // A stranger is taken at its word; if it is a dead one's last word, it is out after three looks.
    for (const [serverId, node] of told) this.seen.set(serverId, { node, misses: 0, returning: undefined });
  }

  private heard(seen: Seen, node: ClusterNode): void {
    seen.node = node;
    if (seen.misses >= missesOut) seen.returning = 0;
    seen.misses = 0;
    if (seen.returning === undefined) return;
    seen.returning += 1;
    if (seen.returning >= beatsBack) seen.returning = undefined;
  }

  private missed(serverId: string, seen: Seen): void {
    seen.misses += 1;
    if (seen.returning !== undefined) seen.misses = missesOut;
    // A node that stays away is no longer news: an hour of looks.
    if (seen.misses >= 720) this.seen.delete(serverId);
  }
}

function isHealthy({ misses, returning }: Seen): boolean {
  return misses < missesOut && returning === undefined;
}

function isNews(before: ClusterNode, now: ClusterNode): boolean {
  return now.startId !== before.startId || now.beat > before.beat;
}
