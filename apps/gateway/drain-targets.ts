import { type DynamicModule, Inject, Injectable, Module } from '@nestjs/common';
import { ServerSelector } from '#platform/cluster';
import { DomainError } from '#platform/kernel';
import { type MigrationTarget, RealtimeServer } from '#platform/realtime';

const sharedStreamUrl = Symbol('testcast:shared-stream-url');

/** Tells the sockets of a gateway that goes where they may go: to the server that a newcomer would be sent to. */
@Injectable()
class DrainTargets {
  constructor(
    server: RealtimeServer,
    private readonly selector: ServerSelector,
    /** Where all gateways are reached; undefined where nobody said. */
    @Inject(sharedStreamUrl) private readonly sharedUrl: string | undefined,
  ) {
    server.chooseTarget = () => this.choose();
  }

  private async choose(): Promise<MigrationTarget | undefined> {
    try {
      const { serverId, startId, shared, url = this.sharedUrl } = await this.selector.select({ address: '' });
      return url === undefined ? undefined : { serverId, startId, shared, url };
    } catch (error) {
      // All others are full, or there are none: who is here is closed, and told when to come back.
      if (error instanceof DomainError && error.code === 'connection.limit') return undefined;
      throw error;
    }
  }
}

@Module({})
export class DrainTargetsModule {
  static forRoot(publicStreamUrl: string | undefined): DynamicModule {
    return {
      module: DrainTargetsModule,
      providers: [{ provide: sharedStreamUrl, useValue: publicStreamUrl }, DrainTargets],
    };
  }
}
