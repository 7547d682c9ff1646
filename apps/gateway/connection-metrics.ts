import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { Counter, Gauge } from 'prom-client';
import { ProcessUsage, Scrape } from '#platform/observability';
import { memoryLevels, RealtimeServer } from '#platform/realtime';

/** What is copied from the realtime server's own figures when somebody scrapes. */
@Injectable()
export class ConnectionMetrics {
  private readonly usage: ProcessUsage;

  constructor(
    private readonly server: RealtimeServer,
    scrape: Scrape,
    @InjectMetric('websocket_active_connections') private readonly active: Gauge,
    @InjectMetric('websocket_connections') private readonly connections: Gauge,
    @InjectMetric('websocket_server_cpu') private readonly cpu: Gauge,
    @InjectMetric('websocket_server_memory') private readonly memory: Gauge,
    @InjectMetric('websocket_queued_bytes') private readonly queuedBytes: Gauge,
    @InjectMetric('websocket_refused_total') private readonly refused: Counter,
    @InjectMetric('websocket_closed_total') private readonly closed: Counter,
    @InjectMetric('testcast_client_round_trip_ms') private readonly roundTrip: Gauge,
    @InjectMetric('testcast_memory_level') private readonly memoryLevel: Gauge,
    @InjectMetric('testcast_rooms') private readonly rooms: Gauge,
    @InjectMetric('testcast_room_subscribers') private readonly subscribers: Gauge,
    @InjectMetric('testcast_deliveries_total') private readonly deliveries: Counter,
    @InjectMetric('testcast_room_hole_reads_total') private readonly holeReads: Counter,
  ) {
    this.usage = new ProcessUsage(server.heapLimitBytes);
    scrape.onScrape(() => this.refresh());
  }

  private refresh(): void {
    const stats = this.server.stats();
    this.active.set({ server_id: stats.serverId, region: stats.region }, stats.connections);
    this.connections.set(stats.connections);
    this.cpu.set(this.usage.cpuPercent());
    this.memory.set(this.usage.memoryPercent());
    this.queuedBytes.set(stats.queuedBytes);
    this.roundTrip.set(this.server.roundTripMs() ?? 0);
    this.memoryLevel.set(memoryLevels.indexOf(stats.memoryLevel));
    this.rooms.set(stats.rooms);
    this.subscribers.set(stats.subscriptions);
    this.deliveries.reset();
    this.deliveries.inc(stats.deliveries);
    this.holeReads.reset();
    this.holeReads.inc(stats.holeReads);
    copy(stats.refused, this.refused);
    copy(stats.closed, this.closed);
  }
}

function copy(counts: ReadonlyMap<string | number, number>, counter: Counter): void {
  counter.reset();
  for (const [code, count] of counts) counter.inc({ code }, count);
}
