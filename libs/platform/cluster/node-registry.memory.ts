import type { ClusterNode } from './cluster-node.ts';
import { NodeRegistry } from './node-registry.ts';

/** The registry of a gateway that is alone. */
export class MemoryNodeRegistry extends NodeRegistry {
  private readonly nodes = new Map<string, ClusterNode>();

  async publish(node: ClusterNode): Promise<void> {
    this.nodes.set(node.serverId, node);
  }

  async read(): Promise<ClusterNode[]> {
    return [...this.nodes.values()];
  }

  async remove(serverId: string): Promise<void> {
    this.nodes.delete(serverId);
  }

  async close(): Promise<void> {}
}
