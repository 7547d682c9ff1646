import { type DynamicModule, Inject, Module, type OnApplicationShutdown, Optional } from '@nestjs/common';
import { getToken } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import type { MetricName } from '../metrics.ts';
import { SpanRecorder } from './span-recorder.ts';
import { Tracing } from './tracing.ts';
import type { TracingOptions } from './tracing-options.ts';

const dropped: MetricName = 'testcast_trace_spans_dropped_total';

/** `Tracing` for the whole process where spans go somewhere; without a URL nobody is given one, and nothing is traced. */
@Module({})
export class TracingModule implements OnApplicationShutdown {
  constructor(@Optional() @Inject(Tracing) private readonly tracing?: Tracing | null) {}

  static forRoot(options: TracingOptions | undefined): DynamicModule {
    const provider = {
      provide: Tracing,
      inject: [getToken(dropped)],
      useFactory: (counter: Counter) => (options === undefined ? null : tracingTo(options, counter)),
    };
    return { module: TracingModule, global: true, providers: [provider], exports: [Tracing] };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.tracing?.close();
  }
}

async function tracingTo({ url, headers = {}, serviceName, instance, ratio }: TracingOptions, dropped: Counter) {
  const resource = { 'service.name': serviceName, 'service.instance.id': instance };
  const onDropped = (count: number): void => dropped.inc(count);
  return new Tracing(await SpanRecorder.load({ url, headers, resource, onDropped }), ratio);
}
