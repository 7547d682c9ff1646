import { type DynamicModule, Inject, Injectable, Module } from '@nestjs/common';
import { type Position, ServerSelector } from '#platform/cluster';
import { DomainError } from '#platform/kernel';
import { type MigrationTarget, RealtimeServer } from '#platform/realtime';

const drainOptions = Symbol('testcast:drain-options');

interface DrainOptions {
  /** Where all gateways are reached; undefined where nobody said. */
  readonly publicStreamUrl?: string | undefined;
  /** Clients stay near: they were sent to this region, or found it. */
  readonly region: string;
  readonly regionPosition?: Position | undefined;
}

/** Tells the sockets of a gateway that goes where they may go: to the server that a newcomer would be sent to. */
@Injectable()
class DrainTargets {
  constructor(
    server: RealtimeServer,
    private readonly selector: ServerSelector,
    @Inject(drainOptions) private readonly options: DrainOptions,
  ) {
    server.chooseTarget = () => this.choose();
  }

  private async choose(): Promise<MigrationTarget | undefined> {
    const { publicStreamUrl, region, regionPosition: position } = this.options;
    try {
      const {
        serverId,
        startId,
        shared,
        url = publicStreamUrl,
      } = await this.selector.select({
        address: '',
        region,
        position,
      });
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
  static forRoot(options: DrainOptions): DynamicModule {
    return {
      module: DrainTargetsModule,
      providers: [{ provide: drainOptions, useValue: options }, DrainTargets],
    };
  }
}
