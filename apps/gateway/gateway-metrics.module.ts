import { Global, Module } from '@nestjs/common';
import { AppendMetrics } from '#platform/event-store';
import { ClusterMetrics } from './cluster-metrics.ts';
import { ConnectionMetrics } from './connection-metrics.ts';
import { DeliveryLatency } from './delivery-latency.ts';
import { RealtimeMetrics } from './realtime-metrics.ts';

/** Fills the metrics of a gateway: on each event where they are histograms, else when somebody scrapes. */
@Global()
@Module({
  providers: [AppendMetrics, ClusterMetrics, ConnectionMetrics, DeliveryLatency, RealtimeMetrics],
  exports: [DeliveryLatency, RealtimeMetrics],
})
export class GatewayMetricsModule {}
