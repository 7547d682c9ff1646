import { mkdtemp, chmod, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type LocalPostgres, startLocalPostgres } from '#platform/local-postgres';
import { AppProcess } from './app-process.ts';
import { freePort } from './free-port.ts';

export interface ClusterGateway {
  readonly app: AppProcess;
  readonly serverId: string;
  readonly url: string;
  readonly streamUrl: string;
}

/** Gateways as processes on one log, each with a URL of its own, that know each other by a registry. */
export class GatewayCluster {
  private constructor(
    private readonly directory: string,
    private readonly postgres: LocalPostgres,
    readonly gateways: readonly ClusterGateway[],
  ) {}

  static async start(
    size: number,
    redisUrls: readonly string[],
    settings: Record<string, string> = {},
  ): Promise<GatewayCluster> {
    const directory = await mkdtemp(path.join(tmpdir(), 'testcast-cluster-'));
    // Started by root, PostgreSQL runs as somebody else, who must get to its files.
    await chmod(directory, 0o755);
    const postgres = await startLocalPostgres({ dataDir: path.join(directory, 'postgres') });
    const gateways = await Promise.all(
      Array.from({ length: size }, (_, index) =>
        gateway(`gateway-${index + 1}`, {
          DATABASE_URL: postgres.url,
          REDIS_URL: redisUrls.join(','),
          LOG_LEVEL: 'warn',
          ...settings,
          // The first one makes the admin key.
          ...(index === 0 ? { DATA_DIR: directory } : {}),
        }),
      ),
    );
    const cluster = new GatewayCluster(directory, postgres, gateways);
    try {
      for (const { app } of gateways) await app.start();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  async adminKey(): Promise<string> {
    return (await readFile(path.join(this.directory, 'admin.key'), 'utf8')).trim();
  }

  async stop(): Promise<void> {
    await Promise.all(this.gateways.map(({ app }) => app.stop()));
    await this.postgres.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}

async function gateway(serverId: string, env: Record<string, string>): Promise<ClusterGateway> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const streamUrl = `ws://127.0.0.1:${port}/stream`;
  const app = new AppProcess({
    app: 'gateway',
    env: { ...env, PORT: String(port), SERVER_ID: serverId, SERVER_STREAM_URL: streamUrl },
    readyUrl: `${url}/health/ready`,
  });
  return { app, serverId, url, streamUrl };
}
