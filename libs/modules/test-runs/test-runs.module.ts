import { Module, type Provider } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Clock, SystemClock } from '#platform/kernel';
import { CancelRunHandler } from './commands/cancel-run.ts';
import { EndQuietRunHandler } from './commands/end-quiet-run.ts';
import { FinishRunHandler } from './commands/finish-run.ts';
import { KnownRuns } from './commands/known-runs.ts';
import { OpenRunHandler } from './commands/open-run.ts';
import { ReportResultsHandler } from './commands/report-results.ts';
import { Runs } from './commands/runs.ts';
import { StartRunHandler } from './commands/start-run.ts';
import { FindRunHandler } from './queries/find-run.ts';
import { FindTestHandler } from './queries/find-test.ts';
import { ListRunsHandler } from './queries/list-runs.ts';
import { ListTestsHandler } from './queries/list-tests.ts';
import { RunInLog } from './read-models/run-in-log.ts';
import { RunSummaryRow } from './read-models/run-summary.entity.ts';
import { RunTestRow } from './read-models/run-test.entity.ts';
import { ErasedRuns } from './retention/erased-runs.ts';
import { reportsHandlers } from './reports/index.ts';

const commandHandlers: Provider[] = [
  CancelRunHandler,
  EndQuietRunHandler,
  FinishRunHandler,
  OpenRunHandler,
  ReportResultsHandler,
  StartRunHandler,
];
const queryHandlers: Provider[] = [FindRunHandler, FindTestHandler, ListRunsHandler, ListTestsHandler];

/** What is done with runs. Needs the DataSource, `EventStoreModule` and the handlers of access in the app. */
@Module({
  imports: [CqrsModule, TypeOrmModule.forFeature([RunSummaryRow, RunTestRow])],
  providers: [
    { provide: Clock, useClass: SystemClock },
    Runs,
    KnownRuns,
    RunInLog,
    ErasedRuns,
    ...commandHandlers,
    ...queryHandlers,
    ...reportsHandlers,
  ],
  exports: [CqrsModule],
})
export class TestRunsModule {}
