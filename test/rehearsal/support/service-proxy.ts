import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { KubernetesApi } from './kubernetes-api.ts';
import { addressOf } from './pods.ts';

interface EndpointSlice {
  /** null: there are none. */
  readonly endpoints:
    | readonly {
        readonly addresses: readonly [string];
        readonly conditions: { readonly ready?: boolean };
      }[]
    | null;
  readonly ports: readonly { readonly port: number }[];
}

/**
 * Stands in for the balancers: TCP to whichever ready endpoint of a Service has the fewest connections. Who is ready it hears from
 * the EndpointSlices, as HAProxy does by DNS; half a second late, while a gateway that goes still serves for ten.
 */
export class ServiceProxy {
  private readonly open = new Map<string, Set<Socket>>();
  private targets: { readonly host: string; readonly port: number }[] = [];
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly server: Server,
    private readonly api: KubernetesApi,
    private readonly slices: string,
  ) {
    server.on('connection', (client) => this.take(client));
    this.timer = setInterval(() => void this.look(), 500);
  }

  static async start(api: KubernetesApi, namespace: string, service: string): Promise<ServiceProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const selector = encodeURIComponent(`kubernetes.io/service-name=${service}`);
    const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?labelSelector=${selector}`;
    return new ServiceProxy(server, api, path);
  }

  /** Such as `127.0.0.1:4711`. */
  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Addresses of the endpoints that are ready, such as `127.244.77.1:4000`. */
  get ready(): readonly string[] {
    return this.targets.map(({ host, port }) => `${host}:${port}`);
  }

  stop(): void {
    clearInterval(this.timer);
    this.server.close();
    for (const sockets of this.open.values()) for (const socket of sockets) socket.destroy();
  }

  private async look(): Promise<void> {
    const slices = await this.api.list<EndpointSlice>(this.slices).catch(() => undefined);
    if (slices === undefined) return;
    this.targets = slices.flatMap(({ endpoints, ports }) =>
      (endpoints ?? [])
        .filter(({ conditions }) => conditions.ready === true)
        .map(({ addresses: [address] }) => ({ host: addressOf(address), port: ports[0]!.port })),
    );
  }

  private take(client: Socket): void {
    client.on('error', () => client.destroy());
    const count = ({ host }: { host: string }) => this.open.get(host)?.size ?? 0;
    const target = this.targets.toSorted((a, b) => count(a) - count(b))[0];
    if (target === undefined) return void client.destroy();
    const sockets = this.open.get(target.host) ?? new Set();
    this.open.set(target.host, sockets.add(client));
    const server = connect(target);
    server.on('error', () => client.destroy());
    client.on('close', () => (sockets.delete(client), server.destroy()));
    server.on('close', () => client.destroy());
    client.setNoDelay(true);
    client.pipe(server).pipe(client);
  }
}
