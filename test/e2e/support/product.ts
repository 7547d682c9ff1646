import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type LocalPostgres, startLocalPostgres } from '#platform/local-postgres';
import { AppProcess } from './app-process.ts';
import { freePort } from './free-port.ts';

/** Gateway and projector as processes on a PostgreSQL of their own, with fsync as in production. */
export class Product {
  private readonly others: AppProcess[] = [];

  private constructor(
    private readonly directory: string,
    private server: LocalPostgres,
    readonly port: number,
    readonly gateway: AppProcess,
    readonly projector: AppProcess,
    private readonly common: Record<string, string>,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<Product> {
    const directory = await mkdtemp(path.join(tmpdir(), 'testcast-e2e-'));
    // Started by root, PostgreSQL runs as somebody else, who must get to its files.
    await chmod(directory, 0o755);
    const postgres = await startLocalPostgres({ dataDir: path.join(directory, 'postgres') });
    const [port, metricsPort] = [await freePort(), await freePort()];
    const common = { DATABASE_URL: postgres.url, LOG_LEVEL: 'warn', ...env };
    const gateway = new AppProcess({
      app: 'gateway',
      env: { ...common, DATA_DIR: directory, PORT: String(port) },
      readyUrl: `http://127.0.0.1:${port}/health/ready`,
    });
    const projector = new AppProcess({
      app: 'projector',
      env: { ...common, METRICS_PORT: String(metricsPort) },
      readyUrl: `http://127.0.0.1:${metricsPort}/health/ready`,
    });
    const product = new Product(directory, postgres, port, gateway, projector, common);
    try {
      await gateway.start();
      await projector.start();
    } catch (error) {
      await product.stop();
      throw error;
    }
    return product;
  }

  get postgres(): LocalPostgres {
    return this.server;
  }

  /** As when its machine's power fails, and comes back after a while: on the same address and data. */
  async cutPostgres(awayMs: number): Promise<void> {
    const { pid, port, exited } = this.server;
    process.kill(pid, 'SIGKILL');
    await exited;
    await new Promise((resolve) => setTimeout(resolve, awayMs));
    this.server = await startLocalPostgres({ dataDir: path.join(this.directory, 'postgres'), port });
  }

  /** One more gateway on the same log. Resolves to where clients reach its `/stream`. */
  async addGateway(): Promise<string> {
    const port = await freePort();
    const gateway = new AppProcess({
      app: 'gateway',
      env: { ...this.common, PORT: String(port) },
      readyUrl: `http://127.0.0.1:${port}/health/ready`,
    });
    this.others.push(gateway);
    await gateway.start();
    return `ws://127.0.0.1:${port}/stream`;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get streamUrl(): string {
    return `ws://127.0.0.1:${this.port}/stream`;
  }

  async adminKey(): Promise<string> {
    return (await readFile(path.join(this.directory, 'admin.key'), 'utf8')).trim();
  }

  async stop(): Promise<void> {
    await Promise.all([this.gateway, this.projector, ...this.others].map((app) => app.stop()));
    await this.postgres.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}
