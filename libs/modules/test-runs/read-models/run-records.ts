import type { TestRow } from '@testcast/contracts';
import { toRunSummary } from '../domain/run-summary.ts';
import { searchTextOfRun, searchTextOfTest } from '../domain/search-text.ts';
import type { SummaryState } from '../domain/summary-state.ts';

/** A run's row in the order of `upsertRuns`. */
export function runRecord(state: SummaryState): unknown[] {
  const { projectId, runId, description, startedAt, version, end } = state;
  const summary = toRunSummary(state);
  const search = searchTextOfRun(runId, description);
  const branch = description.branch ?? null;
  const ended = end?.offset ?? null;
  const json = [JSON.stringify(summary), JSON.stringify(state)];
  return [projectId, runId, summary.status, branch, search, startedAt, version, ended, ...json];
}

/** A test's row in the order of `upsertTests`. */
export function testRecord(projectId: string, runId: string, row: TestRow): unknown[] {
  return [projectId, runId, row.testKey, row.outcome, searchTextOfTest(row), row.version, JSON.stringify(row)];
}
