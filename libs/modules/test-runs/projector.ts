import { Module } from '@nestjs/common';
import { RunsProjection } from './read-models/runs.projection.ts';

/** Keeps the rows of runs and tests. */
@Module({ controllers: [RunsProjection] })
export class TestRunsProjectorModule {}
