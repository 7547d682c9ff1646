import { Global, Injectable, Module } from '@nestjs/common';
import { ServerLoad } from '#platform/kernel';
import { RealtimeServer } from '#platform/realtime';

/** What `/v1/connect` tells of this server, from the connections that it holds. */
@Injectable()
class RealtimeServerLoad extends ServerLoad {
  constructor(private readonly server: RealtimeServer) {
    super();
  }

  get serverId(): string {
    return this.server.load().serverId;
  }

  get connectionLimit(): number {
    return this.server.load().maxConnections;
  }

  currentLoad(): number {
    return Math.min(1, this.server.load().load);
  }
}

@Global()
@Module({ providers: [{ provide: ServerLoad, useClass: RealtimeServerLoad }], exports: [ServerLoad] })
export class ServerLoadModule {}
