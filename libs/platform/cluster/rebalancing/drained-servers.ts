import type { DataSource } from 'typeorm';
import type { ClusterNode } from '../cluster-node.ts';
import {
  drainServer,
  forgetDrainedServers,
  noteDrainedServer,
  readDrainedServers,
  undrainServer,
} from './drained-servers.sql.ts';

/** A pod that is gone never comes back under its name; a machine that was away for so long is a new one. */
const keptDays = 30;

/**
 * A balancer sends newcomers, and those who move, to a server until it has seen that it is not ready: three checks of five
 * seconds at most. Those whom a drained server asked to move before would come back to it, and be refused.
 */
const balancersNoticeMs = 20_000;

/** Milliseconds from the order to drain a server until it gives connections away. */
export function drainDelayMs({ shared }: Pick<ClusterNode, 'shared'>): number {
  return shared ? balancersNoticeMs : 0;
}

/** Servers that stay up and take nobody, until somebody says otherwise: also over their restarts. */
export class DrainedServers {
  constructor(private readonly dataSource: DataSource) {}

  async add(serverId: string): Promise<void> {
    await this.dataSource.query(drainServer, [serverId]);
  }

  async remove(serverId: string): Promise<void> {
    await this.dataSource.query(undrainServer, [serverId]);
  }

  /** @returns for each server how many milliseconds it has been drained */
  async list(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.dataSource.query<{ serverId: string; forMs: number }[]>(readDrainedServers);
    return new Map(rows.map(({ serverId, forMs }) => [serverId, forMs]));
  }

  /** A drained server says that it is there. */
  async note(serverId: string): Promise<void> {
    await this.dataSource.query(noteDrainedServer, [serverId]);
  }

  /** Forgets those who have not been there for a month. */
  async sweep(): Promise<void> {
    await this.dataSource.query(forgetDrainedServers, [keptDays]);
  }
}
