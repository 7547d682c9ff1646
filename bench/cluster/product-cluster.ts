import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hasHaproxy, Haproxy } from '#platform/local-services';
import { AppProcess } from '../../test/e2e/support/app-process.ts';
import { freePort } from '../../test/e2e/support/free-port.ts';
import { ClusterLogs } from './cluster-logs.ts';
import { ClusterServices } from './cluster-services.ts';

export interface ProductClusterOptions {
  readonly gateways: number;
  /** Whether each gateway tells a URL of its own, so that `POST /v1/connect` chooses; else all stand behind HAProxy. */
  readonly ownUrls: boolean;
  readonly kafka?: boolean | undefined;
  readonly projectors?: number | undefined;
  readonly maxConnections?: number | undefined;
  readonly say?: ((line: string) => void) | undefined;
  readonly logLevel?: string | undefined;
  /**
   * Where everything is kept, made anew and removed at the end but for the logs of its processes; default: below the system's
   * temporary folder, without logs.
   */
  readonly directory?: string | undefined;
  /** Further settings of gateways and projectors. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

interface Member {
  readonly name: string;
  readonly port: number;
  readonly app: AppProcess;
}

/** All of docs/how-to/run-a-cluster.md as processes of one machine. */
export class ProductCluster {
  readonly gateways: Member[] = [];
  readonly projectors: Member[] = [];
  /** The active and the passive one; none without HAProxy. */
  readonly balancers: Haproxy[] = [];
  private balancerPorts: number[] = [];

  private constructor(
    private readonly directory: string,
    readonly services: ClusterServices,
    private readonly options: ProductClusterOptions,
    readonly logs: ClusterLogs | undefined,
  ) {}

  static async start(options: ProductClusterOptions): Promise<ProductCluster> {
    const directory = options.directory ?? (await mkdtemp(path.join(tmpdir(), 'testcast-cluster-')));
    if (options.directory !== undefined) await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true });
    // Started by root, PostgreSQL runs as somebody else, who must get to its files.
    await chmod(directory, 0o755);
    const logs = options.directory === undefined ? undefined : await ClusterLogs.in(path.join(directory, 'logs'));
    const { kafka = false, say = () => undefined } = options;
    const services = await ClusterServices.start({ directory, kafka, say, logs });
    const cluster = new ProductCluster(directory, services, options, logs);
    try {
      await cluster.startProduct();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** Where HTTP is: through the balancers, or at the gateways where there are none. */
  get urls(): string[] {
    const ports = this.balancers.length > 0 ? this.balancerPorts : this.gateways.map(({ port }) => port);
    return ports.map((port) => `http://127.0.0.1:${port}`);
  }

  async adminKey(): Promise<string> {
    return (await readFile(this.adminKeyFile, 'utf8')).trim();
  }

  get adminKeyFile(): string {
    return path.join(this.directory, 'admin.key');
  }

  /** Process ids by name. */
  get processes(): Record<string, number | undefined> {
    const members = [...this.gateways, ...this.projectors].map(({ name, app }) => [name, app.pid] as const);
    const balancers = this.balancers.map(({ pid }, index) => [`HAProxy ${roles[index]}`, pid] as const);
    return { ...this.services.processes, ...Object.fromEntries([...members, ...balancers]) };
  }

  /** Sockets that each gateway says it holds; of one that does not answer, none. */
  async connections(): Promise<number[]> {
    return Promise.all(
      this.gateways.map(async ({ port }) => {
        const text = await fetch(`http://127.0.0.1:${port}/metrics`).then(
          (response) => response.text(),
          () => '',
        );
        return Number(/^websocket_active_connections\{[^}]*\} (\d+)/m.exec(text)?.[1] ?? 0);
      }),
    );
  }

  /** Tells both balancers, as deploy/haproxy/drain-gateway.sh does. */
  async tellBalancers(index: number, state: 'drain' | 'ready'): Promise<void> {
    for (const balancer of this.balancers) {
      const said = await balancer.command(`set server gateways/gateway-${index + 1} state ${state}`);
      if (said !== '') throw new Error(said);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.balancers.map((balancer) => balancer.kill()));
    await Promise.all([...this.gateways, ...this.projectors].map(({ app }) => app.stop()));
    await this.services.stop();
    const kept = this.logs?.directory;
    const names = await readdir(this.directory);
    const files = names.map((name) => path.join(this.directory, name)).filter((file) => file !== kept);
    for (const file of kept === undefined ? [this.directory] : files) await rm(file, { recursive: true, force: true });
  }

  private async startProduct(): Promise<void> {
    const { gateways, projectors = 1 } = this.options;
    if (hasHaproxy()) this.balancerPorts = [await freePort(), await freePort()];
    for (let index = 0; index < gateways; index++) this.gateways.push(await this.newGateway(index));
    for (let index = 0; index < projectors; index++) this.projectors.push(await this.newProjector(index));
    this.options.say?.('starting gateways and projectors');
    const [first, ...others] = [...this.gateways, ...this.projectors];
    // The first one brings the schema and the admin key.
    await first!.app.start();
    await Promise.all(others.map(({ app }) => app.start()));
    for (const [index, port] of this.balancerPorts.entries()) {
      this.balancers.push(await this.startBalancer(port, roles[index]!));
    }
  }

  private async newGateway(index: number): Promise<Member> {
    const port = await freePort();
    const name = `gateway-${index + 1}`;
    const [active] = this.balancerPorts;
    const shared = active === undefined ? {} : { PUBLIC_STREAM_URL: `ws://127.0.0.1:${active}/stream` };
    const app = new AppProcess({
      app: 'gateway',
      env: {
        ...this.common,
        DATA_DIR: this.directory,
        PORT: String(port),
        SERVER_ID: name,
        STREAM_ENGINE: 'ws',
        // Here everything comes from one address: what is to be ready is asked without a header.
        ...(active === undefined ? {} : { PROXY_PROTOCOL: 'optional', TRUSTED_PROXIES: '127.0.0.1/32' }),
        ...(this.options.ownUrls ? { SERVER_STREAM_URL: `ws://127.0.0.1:${port}/stream` } : shared),
        ...(this.options.maxConnections === undefined ? {} : { MAX_CONNECTIONS: String(this.options.maxConnections) }),
      },
      readyUrl: `http://127.0.0.1:${port}/health/ready`,
      withinMs: 180_000,
      logFile: this.logs?.fileOf(name),
    });
    return { name, port, app };
  }

  private async newProjector(index: number): Promise<Member> {
    const port = await freePort();
    const name = `projector-${index + 1}`;
    const app = new AppProcess({
      app: 'projector',
      env: { ...this.common, METRICS_PORT: String(port) },
      readyUrl: `http://127.0.0.1:${port}/health/ready`,
      withinMs: 180_000,
      logFile: this.logs?.fileOf(name),
    });
    return { name, port, app };
  }

  private get common(): Record<string, string> {
    return { LOG_LEVEL: this.options.logLevel ?? 'warn', ...this.services.settings, ...this.options.settings };
  }

  private async startBalancer(port: number, role: string): Promise<Haproxy> {
    return Haproxy.start({
      configFile: path.resolve('deploy/haproxy/haproxy.cfg'),
      gateways: this.gateways.map((gateway) => gateway.port),
      port,
      metricsPort: await freePort(),
      adminSocket: path.join(this.directory, `${role}.sock`),
      // Two descriptors a socket, of the 20,000 that a process may have on most machines.
      logFile: this.logs?.fileOf(`HAProxy ${role}`),
      env: { MAXCONN: '9900', GATEWAY_MAXCONN: '9900', SLOWSTART: '5s' },
    });
  }
}

const roles = ['active', 'passive'];
