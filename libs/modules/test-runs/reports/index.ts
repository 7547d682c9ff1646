import { ReportPermits } from './intake/report-permits.ts';
import { ReportFileHandler } from './report-file.ts';
import { ReportsController } from './reports.controller.ts';

/** For the module's gateway door. */
export const reportsControllers = [ReportsController];
/** Handlers of report files, with what they need; for the module itself. */
export const reportsHandlers = [ReportFileHandler, ReportPermits];
