import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Global, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { NodeGauge, type NodeLoad } from '#platform/cluster';
import { DatabaseWatch } from '#platform/database';
import { ProcessUsage } from '#platform/observability';
import { RealtimeServer } from '#platform/realtime';
import { DeliveryLatency } from './delivery-latency.ts';

/** What this gateway tells the others of itself. */
@Injectable()
class RealtimeNodeGauge extends NodeGauge implements OnApplicationShutdown {
  private readonly usage: ProcessUsage;
  private readonly delay = monitorEventLoopDelay({ resolution: 20 });

  constructor(
    private readonly server: RealtimeServer,
    private readonly latency: DeliveryLatency,
    private readonly database: DatabaseWatch,
  ) {
    super();
    this.usage = new ProcessUsage(server.heapLimitBytes);
    this.delay.enable();
  }

  onApplicationShutdown(): void {
    this.delay.disable();
  }

  measure(): NodeLoad {
    const { connections, maxConnections, rooms, draining } = this.server.load();
    // The histogram counts nanoseconds from one look at the clock to the next.
    const eventLoopDelayMs = this.delay.count === 0 ? 0 : this.delay.percentile(99) / 1e6;
    this.delay.reset();
    return {
      cpu: Math.min(1, this.usage.cpuPercent() / 100),
      memory: this.usage.memoryPercent() / 100,
      connections,
      maxConnections,
      rooms,
      eventLoopDelayMs,
      latencyMs: this.latency.takeP95(),
      roundTripMs: this.server.roundTripMs(),
      draining,
      databaseUp: this.database.isUp,
    };
  }

  connections(): number {
    return this.server.load().connections;
  }
}

@Global()
@Module({ providers: [{ provide: NodeGauge, useClass: RealtimeNodeGauge }], exports: [NodeGauge] })
export class NodeGaugeModule {}
