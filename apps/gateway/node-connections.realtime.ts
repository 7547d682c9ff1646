import { type DynamicModule, Inject, Injectable, Module } from '@nestjs/common';
import { type ConnectionsToMove, NodeConnections } from '#platform/cluster';
import { Readiness } from '#platform/observability';
import { RealtimeServer } from '#platform/realtime';

const nodeConnectionsOptions = Symbol('testcast:node-connections-options');

interface NodeConnectionsOptions {
  /** Where all gateways are reached; undefined where nobody said. */
  readonly publicStreamUrl?: string | undefined;
}

/** Moves this gateway's sockets. */
@Injectable()
class RealtimeNodeConnections extends NodeConnections {
  private cordoned = false;

  constructor(
    readiness: Readiness,
    private readonly server: RealtimeServer,
    @Inject(nodeConnectionsOptions) private readonly options: NodeConnectionsOptions,
  ) {
    super();
    // A balancer that sends clients here would have them refused.
    readiness.add('takes connections', () => {
      if (this.cordoned) throw new Error('drained by an admin');
    });
  }

  async move({ target, ...move }: ConnectionsToMove): Promise<number> {
    const { serverId, startId, shared, url = this.options.publicStreamUrl } = target;
    if (url === undefined) throw new Error('PUBLIC_STREAM_URL is not set: nobody can be told where to go');
    return this.server.migrate({ ...move, target: { serverId, startId, shared, url } });
  }

  cordon(on: boolean): void {
    this.cordoned = on;
    this.server.cordon(on);
  }
}

@Module({})
export class NodeConnectionsModule {
  static forRoot(options: NodeConnectionsOptions): DynamicModule {
    return {
      module: NodeConnectionsModule,
      global: true,
      providers: [
        { provide: nodeConnectionsOptions, useValue: options },
        { provide: NodeConnections, useClass: RealtimeNodeConnections },
      ],
      exports: [NodeConnections],
    };
  }
}
