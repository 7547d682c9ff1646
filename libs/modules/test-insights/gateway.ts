import { Module } from '@nestjs/common';
import { TrendsController } from './entry/trends.controller.ts';
import { TestInsightsModule } from './test-insights.module.ts';

/** Insights over HTTP. */
@Module({ imports: [TestInsightsModule], controllers: [TrendsController] })
export class TestInsightsGatewayModule {}
