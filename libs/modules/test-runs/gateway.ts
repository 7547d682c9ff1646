import { Module } from '@nestjs/common';
import { NewestRunsRoom } from './entry/newest-runs.room.ts';
import { ProjectRoom } from './entry/project.room.ts';
import { RunSummaryRoom } from './entry/run-summary.room.ts';
import { RunRoom } from './entry/run.room.ts';
import { TestRunsController } from './entry/test-runs.controller.ts';
import { TestRunsGateway } from './entry/test-runs.gateway.ts';
import { RoomRows } from './queries/room-rows.ts';
import { reportsControllers } from './reports/index.ts';
import { TestRunsModule } from './test-runs.module.ts';

/** Runs over HTTP and the socket, and their rooms. */
@Module({
  imports: [TestRunsModule],
  controllers: [TestRunsController, ...reportsControllers],
  providers: [TestRunsGateway, RoomRows, RunRoom, ProjectRoom, NewestRunsRoom, RunSummaryRoom],
})
export class TestRunsGatewayModule {}
