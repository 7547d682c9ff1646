import { type DynamicModule, Module } from '@nestjs/common';
import { Clock, SystemClock } from '#platform/kernel';
import { RunsProjection } from './read-models/runs.projection.ts';
import { EraseRunsThatAreOld } from './retention/erase-runs-that-are-old.ts';
import { RetentionMetrics } from './retention/retention-metrics.ts';
import { type RunRetentionOptions, runRetentionOptions } from './retention/retention.options.ts';
import { InterruptRunsThatWentQuiet } from './sagas/interrupt-runs-that-went-quiet.saga.ts';
import { TestRunsModule } from './test-runs.module.ts';

export type { RunRetentionOptions } from './retention/retention.options.ts';

/** Keeps the rows of runs and tests, and ends runs that went quiet. */
@Module({ imports: [TestRunsModule], controllers: [RunsProjection, InterruptRunsThatWentQuiet] })
export class TestRunsProjectorModule {}

/** Erases runs that are older than their projects keep them. Needs the projector door of access in the app. */
@Module({})
export class RunRetentionModule {
  static forRoot(options: RunRetentionOptions): DynamicModule {
    return {
      module: RunRetentionModule,
      imports: [TestRunsModule],
      providers: [
        { provide: Clock, useClass: SystemClock },
        { provide: runRetentionOptions, useValue: options },
        RetentionMetrics,
        EraseRunsThatAreOld,
      ],
    };
  }
}
