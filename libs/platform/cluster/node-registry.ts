import type { ClusterNode } from './cluster-node.ts';

/**
 * Where gateways tell each other of themselves. What is kept may vanish at any time: nothing that has to be exact is in it,
 * and every node says everything anew every five seconds.
 */
export abstract class NodeRegistry {
  /** Rejects when the registry is away. */
  abstract publish(node: ClusterNode): Promise<void>;
  /** Everything that is kept, in no order, entries that make no sense left out. Rejects when the registry is away. */
  abstract read(): Promise<ClusterNode[]>;
  abstract remove(serverId: string): Promise<void>;
  abstract close(): Promise<void>;
}
