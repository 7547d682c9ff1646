import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { AccessGatewayModule } from '#modules/access/gateway';
import { TestOutputGatewayModule } from '#modules/test-output/gateway';
import { TestRunsGatewayModule } from '#modules/test-runs/gateway';
import { DatabaseModule } from '#platform/database';
import { EventStoreModule } from '#platform/event-store';
import { HttpModule } from '#platform/http';
import { HealthModule, MetricsModule } from '#platform/observability';
import { RealtimeModule } from '#platform/realtime';
import type { GatewayConfig } from './gateway.config.ts';
import { ServerLoadModule } from './server-load.realtime.ts';

/** What a gateway is made of. */
@Module({})
export class GatewayModule {
  static forRoot(config: GatewayConfig): DynamicModule {
    return {
      module: GatewayModule,
      imports: [
        MetricsModule.forRoot(),
        HealthModule,
        DatabaseModule.forRoot({ url: config.databaseUrl, applicationName: 'testcast-gateway' }),
        EventStoreModule.forRoot(),
        CqrsModule.forRoot(),
        RealtimeModule.forRoot({
          serverId: config.serverId,
          maxConnections: config.maxConnections,
          publicUrl: config.publicUrl,
          allowedOrigins: config.allowedOrigins,
        }),
        ServerLoadModule,
        HttpModule.forRoot({ ...config, openPaths: ['/health', '/metrics'] }),
        AccessGatewayModule.forRoot({ ...config, sharedStreamUrl: !config.alone }),
        TestRunsGatewayModule,
        TestOutputGatewayModule,
      ],
    };
  }
}
