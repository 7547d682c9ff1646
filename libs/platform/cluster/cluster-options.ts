import type { Position } from './cluster-node.ts';

export const clusterOptions = Symbol('testcast:cluster-options');

/** Who this server is to the others, and where they meet. */
export interface ClusterOptions {
  readonly serverId: string;
  /** Another one after each start. */
  readonly startId: string;
  readonly region: string;
  readonly position?: Position | undefined;
  /** Whether it stands behind one URL with others. */
  readonly shared: boolean;
  /** Where clients reach this very server; absent where it is behind the URL that all share, or alone. */
  readonly url?: string | undefined;
  /** Of a Redis, or of some nodes of a Redis Cluster; none: this server is alone. */
  readonly redisUrls: readonly string[];
  /** A database of addresses in MaxMind's format; default: the one of countries that comes with the product. */
  readonly placesFile?: string | undefined;
  /** Between two words of a node; only tests change it. */
  readonly beatEveryMs?: number | undefined;
}
