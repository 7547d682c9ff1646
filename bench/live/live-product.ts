import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type LocalPostgres, startLocalPostgres } from '#platform/local-postgres';
import { AppProcess } from '../../test/e2e/support/app-process.ts';
import { freePort } from '../../test/e2e/support/free-port.ts';
import { Inspector } from './inspector.ts';
import { fetchUws } from './uws-package.ts';

export type Engine = 'ws' | 'uws';

/** One gateway process, and where it is reached. */
export interface LiveGateway {
  readonly process: AppProcess;
  readonly httpPort: number;
  readonly streamPort: number;
  readonly inspectorPort: number;
}

export interface LiveProductOptions {
  readonly engine: Engine;
  readonly maxConnections?: number | undefined;
  /** Whether gateways can be asked for profiles and collections of garbage. */
  readonly inspected?: boolean | undefined;
  /** Whether read models are made as well; default: no. */
  readonly projector?: boolean | undefined;
  /** Whether gateways tell each other, by a registry that `settings` name, where clients reach them. */
  readonly ownUrls?: boolean | undefined;
  /** Further settings of gateways and projector. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/** The process that makes read models, and where it tells of itself. */
export interface LiveProjector {
  readonly process: AppProcess;
  readonly metricsPort: number;
}

/**
 * The live side: PostgreSQL with fsync as in production, and gateways. No projector unless one is asked for: what is delivered
 * comes from the log, and rows of read models would be made meanwhile by the same two cores.
 */
export class LiveProduct {
  readonly gateways: LiveGateway[] = [];
  projector: LiveProjector | undefined;
  private id = randomUUID();

  private constructor(
    private readonly directory: string,
    readonly postgres: LocalPostgres,
    private readonly options: LiveProductOptions,
  ) {}

  static async start(options: LiveProductOptions): Promise<LiveProduct> {
    const directory = await mkdtemp(path.join(tmpdir(), 'testcast-bench-'));
    // Started by root, PostgreSQL runs as somebody else, who must get to its files.
    await chmod(directory, 0o755);
    const postgres = await startLocalPostgres({ dataDir: path.join(directory, 'postgres') });
    const product = new LiveProduct(directory, postgres, options);
    try {
      await product.addGateway();
      if (options.projector === true) await product.addProjector();
    } catch (error) {
      await product.stop();
      throw error;
    }
    return product;
  }

  get gateway(): LiveGateway {
    return this.gateways[0]!;
  }

  /** Runs of one measurement; `%` stands for a room's number. */
  get room(): string {
    return `run:bench/${this.id}-%`;
  }

  /** Runs that nothing has been posted to yet. */
  freshRooms(): void {
    this.id = randomUUID();
  }

  async adminKey(): Promise<string> {
    return (await readFile(path.join(this.directory, 'admin.key'), 'utf8')).trim();
  }

  async authorization(): Promise<string> {
    return `authorization: Bearer ${await this.adminKey()}`;
  }

  async addGateway(): Promise<LiveGateway> {
    const { engine, maxConnections = 19_000, inspected = false } = this.options;
    const [httpPort, ownPort, inspectorPort] = [await freePort(), await freePort(), await freePort()];
    const streamPort = engine === 'ws' ? httpPort : ownPort;
    const gateway = {
      httpPort,
      streamPort,
      inspectorPort,
      process: new AppProcess({
        app: 'gateway',
        env: {
          DATABASE_URL: this.postgres.url,
          DATA_DIR: this.directory,
          LOG_LEVEL: 'warn',
          ...this.options.settings,
          PORT: String(httpPort),
          STREAM_ENGINE: engine,
          ...(this.options.ownUrls === true ? { SERVER_STREAM_URL: `ws://127.0.0.1:${streamPort}/stream` } : {}),
          MAX_CONNECTIONS: String(maxConnections),
          ...(engine === 'ws' ? {} : { STREAM_PORT: String(ownPort), UWS_PACKAGE: fetchUws() }),
          ...(inspected ? { NODE_OPTIONS: `--inspect=127.0.0.1:${inspectorPort}` } : {}),
        },
        readyUrl: `http://127.0.0.1:${httpPort}/health/ready`,
      }),
    };
    this.gateways.push(gateway);
    await gateway.process.start();
    return gateway;
  }

  private async addProjector(): Promise<void> {
    const metricsPort = await freePort();
    const projector = new AppProcess({
      app: 'projector',
      env: {
        DATABASE_URL: this.postgres.url,
        LOG_LEVEL: 'warn',
        ...this.options.settings,
        METRICS_PORT: String(metricsPort),
      },
      readyUrl: `http://127.0.0.1:${metricsPort}/health/ready`,
    });
    this.projector = { process: projector, metricsPort };
    await projector.start();
  }

  inspect({ inspectorPort }: LiveGateway = this.gateway): Promise<Inspector> {
    return Inspector.open(inspectorPort);
  }

  /** For CPU: who took part, by name. */
  get processes(): Record<string, number> {
    const gateways = this.gateways.map(({ process }, index) => [
      index === 0 ? 'gateway' : `gateway ${index + 1}`,
      process.pid ?? 0,
    ]);
    const projector = this.projector === undefined ? {} : { projector: this.projector.process.pid ?? 0 };
    return { ...Object.fromEntries(gateways), ...projector, PostgreSQL: this.postgres.pid };
  }

  async stop(): Promise<void> {
    await Promise.all([...this.gateways.map(({ process }) => process.stop()), this.projector?.process.stop()]);
    await this.postgres.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}
