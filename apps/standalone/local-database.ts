import { setTimeout as delay } from 'node:timers/promises';
import { type LocalPostgres, startLocalPostgres } from '#platform/local-postgres';

const firstRetryMs = 100;
const longestRetryMs = 5000;

/** The embedded PostgreSQL, started again when it dies by itself. Its URL stays: connections come back by themselves. */
export class LocalDatabase {
  private stopping = false;
  private restarting: Promise<void> = Promise.resolve();

  private constructor(
    private readonly dataDir: string,
    private readonly warn: (message: string) => void,
    private server: LocalPostgres,
  ) {
    this.watch();
  }

  /** Throws when a living process owns the data directory. */
  static async start(dataDir: string, warn: (message: string) => void): Promise<LocalDatabase> {
    return new LocalDatabase(dataDir, warn, await startLocalPostgres({ dataDir }));
  }

  get url(): string {
    return this.server.url;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.restarting;
    await this.server.stop();
  }

  private watch(): void {
    void this.server.exited.then(({ requested, code, signal }) => {
      if (requested || this.stopping) return;
      this.warn(`PostgreSQL ended by itself (${signal ?? `code ${code}`}) and is started again`);
      this.restarting = this.restart();
    });
  }

  private async restart(): Promise<void> {
    for (let wait = firstRetryMs; !this.stopping; wait = Math.min(wait * 2, longestRetryMs)) {
      try {
        // On the port that everybody has in their URL.
        this.server = await startLocalPostgres({ dataDir: this.dataDir, port: this.server.port });
        this.watch();
        return;
      } catch (error) {
        this.warn(`PostgreSQL did not come back: ${(error as Error).message}`);
        await delay(wait);
      }
    }
  }
}
