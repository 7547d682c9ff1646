import type { TestRow } from '@testcast/contracts';
import { bigintArray, textArray } from '#platform/database';
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

export interface TestOfRun {
  readonly projectId: string;
  readonly runId: string;
  readonly row: TestRow;
}

/** A test's row, column by column. */
export function testRecord({ projectId, runId, row }: TestOfRun) {
  const { testKey, outcome, version } = row;
  return {
    project_id: projectId,
    run_id: runId,
    test_key: testKey,
    outcome,
    search: searchTextOfTest(row),
    version,
    row,
  };
}

/** The parameters of `upsertTests`, in binary: as text, every quote of every row would be escaped and found again. */
export function testColumns(tests: readonly TestOfRun[]): Buffer[] {
  return [
    textArray(tests.map(({ projectId }) => projectId)),
    textArray(tests.map(({ runId }) => runId)),
    textArray(tests.map(({ row }) => row.testKey)),
    textArray(tests.map(({ row }) => row.outcome)),
    textArray(tests.map(({ row }) => searchTextOfTest(row))),
    bigintArray(tests.map(({ row }) => row.version)),
    textArray(tests.map(({ row }) => JSON.stringify(row))),
  ];
}
