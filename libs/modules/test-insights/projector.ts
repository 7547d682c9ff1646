import { type DynamicModule, Module } from '@nestjs/common';
import { Clock, SystemClock } from '#platform/kernel';
import { TrendsProjection } from './read-models/trends.projection.ts';
import { type TrendRetentionOptions, trendRetentionOptions } from './retention/trend-retention.options.ts';
import { TrendRetention } from './retention/trend-retention.ts';

export type { TrendRetentionOptions } from './retention/trend-retention.options.ts';

/** Keeps roll-ups of results, for as long as the options say. */
@Module({})
export class TestInsightsProjectorModule {
  static forRoot(options: TrendRetentionOptions): DynamicModule {
    return {
      module: TestInsightsProjectorModule,
      controllers: [TrendsProjection],
      providers: [
        { provide: Clock, useClass: SystemClock },
        { provide: trendRetentionOptions, useValue: options },
        TrendRetention,
      ],
    };
  }
}
