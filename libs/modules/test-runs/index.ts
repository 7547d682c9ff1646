export { CancelRun } from './commands/cancel-run.ts';
export { FinishRun } from './commands/finish-run.ts';
export { ReportResults } from './commands/report-results.ts';
export { type RunStarted, StartRun } from './commands/start-run.ts';
export { RunCountersCheck } from './checks/run-counters.check.ts';
export { RunRowsCheck } from './checks/run-rows.check.ts';
export { readRunExport, type RunExportCounts } from './retention/read-run-export.ts';
export { type ErasureOutcome, RunEraser, type RunEraserOptions } from './retention/run-eraser.ts';
