import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { makeCounterProvider, makeGaugeProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import { collectDefaultMetrics, register } from 'prom-client';
import { LocalMetricsController, MetricsController } from './metrics.controller.ts';
import { metrics } from './metrics.ts';
import { type OtherMetrics, Scrape } from './scrape.ts';

export interface MetricsOptions {
  /** Whose metrics there are; by default those of every process. */
  readonly process?: 'gateway' | 'projector' | undefined;
  /** Metrics of processes that this one speaks for. */
  readonly others?: OtherMetrics | undefined;
  /** Who gets `/metrics` on the port of this application; default `everybody`. `nobody`: they are served elsewhere. */
  readonly shownTo?: 'everybody' | 'this machine' | 'nobody' | undefined;
}

/**
 * `GET /metrics`, and every declared metric of the process for `@InjectMetric(name)`, where the name is a `MetricName`.
 * Global: imported once, by an app.
 */
@Module({})
export class MetricsModule {
  static forRoot({ process, others, shownTo = 'everybody' }: MetricsOptions = {}): DynamicModule {
    // prom-client has one registry a process, and collecting its default metrics a second time throws: the second Nest
    // application of one process would not start.
    if (register.getSingleMetric('process_cpu_user_seconds_total') === undefined) collectDefaultMetrics();
    const scrape: Provider = { provide: Scrape, useFactory: () => new Scrape(others) };
    const providers = [scrape, ...providersFor(process)];
    const controllers = { everybody: [MetricsController], 'this machine': [LocalMetricsController], nobody: [] }[
      shownTo
    ];
    return { module: MetricsModule, global: true, controllers, providers, exports: providers };
  }
}

function providersFor(process: MetricsOptions['process']): Provider[] {
  const wanted = Object.entries(metrics).filter(
    ([, { of }]) => process === undefined || of === process || of === 'each',
  );
  return wanted.map(([name, metric]) => {
    const labelNames: string[] = 'labels' in metric ? [...metric.labels] : [];
    const aggregator = 'aggregator' in metric ? metric.aggregator : undefined;
    const options = { name, help: metric.help, labelNames, ...(aggregator === undefined ? {} : { aggregator }) };
    if (metric.kind === 'histogram') return makeHistogramProvider({ ...options, buckets: [...metric.buckets] });
    return metric.kind === 'gauge' ? makeGaugeProvider(options) : makeCounterProvider(options);
  });
}
