import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import {
  makeCounterProvider,
  makeGaugeProvider,
  makeHistogramProvider,
  PrometheusModule,
} from '@willsoto/nestjs-prometheus';
import { register } from 'prom-client';
import { metrics } from './metrics.ts';

const providers: Provider[] = Object.entries(metrics).map(([name, metric]) => {
  const labelNames: string[] = 'labels' in metric ? [...metric.labels] : [];
  const options = { name, help: metric.help, labelNames };
  if (metric.kind === 'histogram') return makeHistogramProvider({ ...options, buckets: [...metric.buckets] });
  return metric.kind === 'gauge' ? makeGaugeProvider(options) : makeCounterProvider(options);
});

/**
 * `GET /metrics`, and every declared metric for `@InjectMetric(name)`, where the name is a `MetricName`. Global: imported
 * once, by an app.
 */
@Module({})
export class MetricsModule {
  static forRoot(): DynamicModule {
    // prom-client has one registry a process, and registering its default metrics a second time throws: the second Nest
    // application of one process would not start.
    const enabled = register.getSingleMetric('process_cpu_user_seconds_total') === undefined;
    const prometheus = PrometheusModule.register({ path: '/metrics', defaultMetrics: { enabled } });
    return { module: MetricsModule, global: true, imports: [prometheus], providers, exports: providers };
  }
}
