import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { Clock, SystemClock } from '#platform/kernel';
import { ReadTrendsHandler } from './queries/read-trends.ts';

/** What is asked of insights. Needs the DataSource and the handlers of access in the app. */
@Module({
  imports: [CqrsModule],
  providers: [{ provide: Clock, useClass: SystemClock }, ReadTrendsHandler],
  exports: [CqrsModule],
})
export class TestInsightsModule {}
