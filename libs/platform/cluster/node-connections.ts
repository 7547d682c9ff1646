import type { ClusterNode } from './cluster-node.ts';

export interface ConnectionsToMove {
  readonly count: number;
  readonly target: ClusterNode;
  /** Told to the clients. */
  readonly reason: string;
  /** Who was moved here within as many milliseconds is left alone; default: nobody is. */
  readonly restMs?: number | undefined;
  /** Called once for each that was asked. @param went by itself, and not closed by this server */
  readonly onGone: (went: boolean) => void;
}

/** What can be done to this server's connections. Port of the platform: they are held by the realtime library. */
export abstract class NodeConnections {
  /**
   * Asks those to move that it costs least.
   *
   * @returns how many were asked, fewer where there are no more. Rejects when nobody could be asked.
   */
  abstract move(connections: ConnectionsToMove): Promise<number>;
  /** Whether newcomers are refused; those who are here stay. */
  abstract cordon(on: boolean): void;
}
