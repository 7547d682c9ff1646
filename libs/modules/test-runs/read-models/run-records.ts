import type { TestRow } from '@testcast/contracts';
import { toRunSummary } from '../domain/run-summary.ts';
import { searchTextOfRun, searchTextOfTest } from '../domain/search-text.ts';
import type { SummaryState } from '../domain/summary-state.ts';

/** A run's row, as `upsertRuns` takes it. */
export function runRecord(state: SummaryState): object {
  const { projectId, runId, description, startedAt, version, end } = state;
  const summary = toRunSummary(state);
  return {
    project_id: projectId,
    run_id: runId,
    status: summary.status,
    branch: description.branch ?? null,
    search: searchTextOfRun(runId, description),
    started_at: startedAt,
    version,
    end_offset: end?.offset ?? null,
    summary,
    state,
  };
}

/** A test's row, as `upsertTests` takes it. */
export function testRecord(projectId: string, runId: string, row: TestRow): object {
  const { testKey, outcome, version } = row;
  const search = searchTextOfTest(row);
  return { project_id: projectId, run_id: runId, test_key: testKey, outcome, search, version, row };
}
