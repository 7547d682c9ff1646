import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { AppProcess } from '../../e2e/support/app-process.ts';
import { freePort } from '../../e2e/support/free-port.ts';

/** Gateway and projector as processes on a database that somebody else looks after. */
export class ProductOnASite {
  private constructor(
    private readonly directory: string,
    private readonly port: number,
    readonly gateway: AppProcess,
    readonly projector: AppProcess,
  ) {}

  /** @param directory where the gateway keeps its admin key */
  static async start(directory: string, env: Record<string, string>): Promise<ProductOnASite> {
    const [port, metricsPort] = [await freePort(), await freePort()];
    const common = { LOG_LEVEL: 'warn', ...env };
    const product = new ProductOnASite(
      directory,
      port,
      new AppProcess({
        app: 'gateway',
        env: { ...common, DATA_DIR: directory, PORT: String(port) },
        readyUrl: `http://127.0.0.1:${port}/health/ready`,
      }),
      new AppProcess({
        app: 'projector',
        env: { ...common, METRICS_PORT: String(metricsPort) },
        readyUrl: `http://127.0.0.1:${metricsPort}/health/ready`,
      }),
    );
    try {
      await product.gateway.start();
      await product.projector.start();
    } catch (error) {
      await product.stop();
      throw error;
    }
    return product;
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
    await Promise.all([this.gateway.stop(), this.projector.stop()]);
  }
}
