import { type DynamicModule, Module } from '@nestjs/common';
import { HealthController } from './health.controller.ts';
import { MetricsController } from './metrics.controller.ts';
import { Readiness } from './readiness.ts';
import { Scrape } from './scrape.ts';

/** `/metrics` and `/health` of an application that runs, for a port of their own. */
@Module({})
export class MetricsServerModule {
  static forRoot(scrape: Scrape, readiness: Readiness): DynamicModule {
    return {
      module: MetricsServerModule,
      controllers: [MetricsController, HealthController],
      providers: [
        { provide: Scrape, useValue: scrape },
        { provide: Readiness, useValue: readiness },
      ],
    };
  }
}
