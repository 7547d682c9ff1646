import { Module } from '@nestjs/common';
import { RunsProjection } from './read-models/runs.projection.ts';
import { InterruptRunsThatWentQuiet } from './sagas/interrupt-runs-that-went-quiet.saga.ts';
import { TestRunsModule } from './test-runs.module.ts';

/** Keeps the rows of runs and tests, and ends runs that went quiet. */
@Module({ imports: [TestRunsModule], controllers: [RunsProjection, InterruptRunsThatWentQuiet] })
export class TestRunsProjectorModule {}
