import { Global, Module } from '@nestjs/common';
import { AppendMetrics } from '#platform/event-store';
import { ConnectionMetrics } from './connection-metrics.ts';
import { RealtimeMetrics } from './realtime-metrics.ts';

/** Fills the metrics of a gateway: on each event where they are histograms, else when somebody scrapes. */
@Global()
@Module({ providers: [AppendMetrics, ConnectionMetrics, RealtimeMetrics], exports: [RealtimeMetrics] })
export class GatewayMetricsModule {}
