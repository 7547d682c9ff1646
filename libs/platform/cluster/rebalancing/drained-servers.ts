import type { DataSource } from 'typeorm';
import { drainServer, readDrainedServers, undrainServer } from './drained-servers.sql.ts';

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
}
