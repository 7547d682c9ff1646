import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { Counter, Gauge, Histogram } from 'prom-client';
import { Scrape } from '#platform/observability';
import { PostgresEventStore } from './event-store.postgres.ts';

/** What the log's writer and its readers count; see docs/reference/metrics.md. Provided by an app that has `MetricsModule`. */
@Injectable()
export class AppendMetrics {
  constructor(
    private readonly store: PostgresEventStore,
    scrape: Scrape,
    @InjectMetric('testcast_append_batch_events') batchEvents: Histogram,
    @InjectMetric('testcast_append_seconds') seconds: Histogram,
    @InjectMetric('testcast_append_waiting') private readonly waiting: Gauge,
    @InjectMetric('testcast_append_waiting_bytes') private readonly waitingBytes: Gauge,
    @InjectMetric('testcast_append_retries_total') private readonly retries: Counter,
    @InjectMetric('testcast_append_failures_total') private readonly failures: Counter,
    @InjectMetric('testcast_log_reads_total') private readonly reads: Counter,
    @InjectMetric('testcast_replica_refusals_total') private readonly refusals: Counter,
  ) {
    store.onAnswered = (milliseconds) => seconds.observe(milliseconds / 1000);
    // What is announced together was committed together.
    store.onCommitted((events) => batchEvents.observe(events.length));
    scrape.onScrape(() => this.refresh());
  }

  private refresh(): void {
    const { queuedAppends, queuedBytes, lanes, primaryReads, replicas } = this.store.stats();
    this.waiting.set(queuedAppends);
    this.waitingBytes.set(queuedBytes);
    this.retries.reset();
    this.retries.inc(lanes.reduce((sum, lane) => sum + lane.retries, 0));
    this.failures.reset();
    this.failures.inc(lanes.reduce((sum, lane) => sum + lane.failures, 0));
    this.reads.reset();
    this.reads.inc({ source: 'primary' }, primaryReads);
    this.reads.inc({ source: 'replica' }, replicas.reads);
    this.refusals.reset();
    for (const { replica, reason, count } of replicas.refusals) this.refusals.inc({ replica, reason }, count);
  }
}
