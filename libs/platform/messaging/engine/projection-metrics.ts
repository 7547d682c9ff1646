import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { Counter, Gauge, Histogram } from 'prom-client';

/** What the engine counts; see docs/reference/metrics.md. */
@Injectable()
export class ProjectionMetrics {
  constructor(
    @InjectMetric('testcast_projection_lag_events') readonly lag: Gauge,
    @InjectMetric('testcast_projection_lag_ms') readonly lagMs: Gauge,
    @InjectMetric('testcast_projection_rebuild_ratio') readonly rebuild: Gauge,
    @InjectMetric('testcast_projection_batch_events') readonly batchEvents: Histogram,
    @InjectMetric('testcast_projection_batch_seconds') readonly batchSeconds: Histogram,
    @InjectMetric('testcast_projection_retries_total') readonly retries: Counter,
    @InjectMetric('testcast_projection_stopped') readonly stopped: Gauge,
    @InjectMetric('testcast_parked_streams') readonly parked: Gauge,
  ) {}
}
