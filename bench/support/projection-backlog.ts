import { DataSource } from 'typeorm';
import { connectionOptions } from '#platform/database';
import { PostgresEventStore } from '#platform/event-store';
import { Rebuilds } from '#platform/messaging';

const lookEveryMs = 100;

/** What projections have not read of the log yet. */
export class ProjectionBacklog {
  private constructor(
    private readonly database: DataSource,
    private readonly store: PostgresEventStore,
    private readonly rebuilds: Rebuilds,
  ) {}

  static async of(databaseUrl: string): Promise<ProjectionBacklog> {
    const options = connectionOptions({ url: databaseUrl, poolSize: 1, applicationName: 'bench' });
    const database = await new DataSource(options).initialize();
    const store = new PostgresEventStore(database);
    return new ProjectionBacklog(database, store, new Rebuilds(database, store));
  }

  /** Events, of the projection that is farthest behind. */
  async events(): Promise<number> {
    return Math.max(0, ...(await this.rebuilds.status()).map(({ lag }) => lag));
  }

  /** Resolves when every projection reflects the whole log. */
  async gone(): Promise<void> {
    while ((await this.events()) > 0) await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }

  async close(): Promise<void> {
    await this.store.close();
    await this.database.destroy();
  }
}
