import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { Scrape } from '#platform/observability';
import { DatabaseWatch } from './database-watch.ts';

/** What is copied from the watch when somebody scrapes. */
@Injectable()
export class DatabaseMetrics {
  constructor(
    private readonly watch: DatabaseWatch,
    scrape: Scrape,
    @InjectMetric('testcast_database_up') private readonly up: Gauge,
    @InjectMetric('testcast_clock_ahead_ms') private readonly clockAhead: Gauge,
  ) {
    scrape.onScrape(() => this.refresh());
  }

  private refresh(): void {
    this.up.set(this.watch.isUp ? 1 : 0);
    this.clockAhead.set(this.watch.clockAheadByMs);
  }
}
