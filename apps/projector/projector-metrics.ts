import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { ProcessUsage, Scrape } from '#platform/observability';

/** How near the projector is to its limits, when somebody scrapes. */
@Injectable()
export class ProjectorMetrics {
  private readonly usage = new ProcessUsage();

  constructor(
    scrape: Scrape,
    @InjectMetric('testcast_projector_cpu') private readonly cpu: Gauge,
    @InjectMetric('testcast_projector_memory') private readonly memory: Gauge,
  ) {
    scrape.onScrape(() => this.refresh());
  }

  private refresh(): void {
    this.cpu.set(this.usage.cpuPercent());
    this.memory.set(this.usage.memoryPercent());
  }
}
