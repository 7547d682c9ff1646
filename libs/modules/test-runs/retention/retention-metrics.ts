import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { Counter } from 'prom-client';

/** What retention counts; see docs/reference/metrics.md. */
@Injectable()
export class RetentionMetrics {
  constructor(
    @InjectMetric('testcast_runs_exported_total') readonly exported: Counter,
    @InjectMetric('testcast_run_export_bytes_total') readonly bytes: Counter,
    @InjectMetric('testcast_runs_erased_total') readonly erased: Counter,
    @InjectMetric('testcast_run_erasure_failures_total') readonly failures: Counter,
  ) {}
}
