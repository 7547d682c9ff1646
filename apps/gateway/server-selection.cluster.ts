import { Global, Injectable, Module } from '@nestjs/common';
import { ServerSelector } from '#platform/cluster';
import { type SelectedServer, ServerSelection } from '#platform/kernel';

/** Answers `/v1/connect` from what the cluster knows of its servers. */
@Injectable()
class ClusterServerSelection extends ServerSelection {
  constructor(private readonly selector: ServerSelector) {
    super();
  }

  async select(client: Parameters<ServerSelection['select']>[0]): Promise<SelectedServer> {
    const { serverId, startId, url, shared, connections, maxConnections } = await this.selector.select(client);
    return {
      serverId,
      ticketFor: shared ? undefined : startId,
      url,
      connectionLimit: maxConnections,
      currentLoad: maxConnections === 0 ? 1 : Math.min(1, connections / maxConnections),
    };
  }
}

@Global()
@Module({ providers: [{ provide: ServerSelection, useClass: ClusterServerSelection }], exports: [ServerSelection] })
export class ServerSelectionModule {}
