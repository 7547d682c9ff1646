import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { AccessGatewayModule, MovedConnectionsInPostgres } from '#modules/access/gateway';
import { TestInsightsGatewayModule } from '#modules/test-insights/gateway';
import { TestOutputGatewayModule } from '#modules/test-output/gateway';
import { TestRunsGatewayModule } from '#modules/test-runs/gateway';
import { ClusterModule, ResponsesModule } from '#platform/cluster';
import { DatabaseModule, DatabaseWatchModule, replicaOptions } from '#platform/database';
import { EventStoreModule } from '#platform/event-store';
import { HttpModule, trustedProxy, upgradeSource } from '#platform/http';
import { HealthModule, MetricsModule, type OtherMetrics, Tracing, TracingModule } from '#platform/observability';
import { chooseEngine, RealtimeModule } from '#platform/realtime';
import { DataSource } from 'typeorm';
import { DrainTargetsModule } from './drain-targets.ts';
import { GatewayMetricsModule } from './gateway-metrics.module.ts';
import type { GatewayConfig } from './gateway.config.ts';
import { OperationsModule } from './operations/operations.module.ts';
import { RealtimeMetrics } from './realtime-metrics.ts';
import { NodeConnectionsModule } from './node-connections.realtime.ts';
import { tracedHooks } from './traced-hooks.ts';
import { NodeGaugeModule } from './node-gauge.realtime.ts';
import { ServerSelectionModule } from './server-selection.cluster.ts';

/** What a gateway is made of. */
@Module({})
export class GatewayModule {
  /** @param otherMetrics of processes that the gateway's `/metrics` speaks for */
  static forRoot(config: GatewayConfig, otherMetrics?: OtherMetrics): DynamicModule {
    const engine = chooseEngine({
      engine: config.streamEngine,
      host: config.host,
      port: config.streamPort,
      uwsPackage: config.uwsPackage,
      compressed: config.compressed,
      proxied:
        config.proxyProtocol === 'off'
          ? undefined
          : { trusts: trustedProxy(config.trustedProxies), required: config.proxyProtocol === 'required' },
    });
    const database = { url: config.databaseUrl, applicationName: 'testcast-gateway' };
    return {
      module: GatewayModule,
      imports: [
        MetricsModule.forRoot({
          process: 'gateway',
          others: otherMetrics,
          // Balancers pass on what comes to PORT.
          shownTo: config.metricsPort === undefined ? 'this machine' : 'nobody',
        }),
        TracingModule.forRoot(config.tracing),
        HealthModule,
        DatabaseModule.forRoot(database),
        DatabaseWatchModule.forRoot(database),
        EventStoreModule.forRoot({
          replicas: config.databaseReplicaUrls.map((url) =>
            replicaOptions({ url, applicationName: 'testcast-gateway' }),
          ),
        }),
        CqrsModule.forRoot(),
        GatewayMetricsModule,
        RealtimeModule.forRootAsync({
          inject: [RealtimeMetrics, DataSource, { token: Tracing, optional: true }],
          useFactory: (metrics: RealtimeMetrics, database: DataSource, tracing?: Tracing | null) => ({
            ...tracedHooks(metrics.hooks, tracing ?? undefined),
            serverId: config.serverId,
            startId: config.sharedStreamUrl ? undefined : config.startId,
            movedConnections: new MovedConnectionsInPostgres(database),
            region: config.region,
            maxConnections: config.maxConnections,
            memoryLimitBytes: config.memoryLimitBytes,
            publicUrl: config.publicUrl,
            allowedOrigins: config.allowedOrigins,
            engine: () => engine,
            sourceOf: upgradeSource(config.trustedProxies),
          }),
        }),
        NodeGaugeModule,
        NodeConnectionsModule.forRoot(config),
        ClusterModule.forRoot({
          serverId: config.serverId,
          startId: config.startId,
          shared: config.sharedStreamUrl,
          url: config.serverStreamUrl,
          region: config.region,
          position: config.regionPosition,
          redisUrls: config.redisUrls,
          placesFile: config.placesFile,
        }),
        ServerSelectionModule,
        ResponsesModule.forRoot({ autoscaler: config.autoscaler }),
        DrainTargetsModule.forRoot(config),
        HttpModule.forRoot({
          ...config,
          openPaths: ['/health', '/metrics'],
          tokenFiles: config.alertsTokenFile === undefined ? {} : { alerts: config.alertsTokenFile },
        }),
        AccessGatewayModule.forRoot({
          ...config,
          startId: config.sharedStreamUrl ? undefined : config.startId,
          // Known once the engine listens: it may take a free one.
          get streamPort() {
            return engine.port;
          },
        }),
        OperationsModule,
        TestRunsGatewayModule,
        TestOutputGatewayModule,
        TestInsightsGatewayModule,
      ],
    };
  }
}
