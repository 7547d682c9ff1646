import type { Outcome } from '@testcast/contracts';

export interface TestsSelect {
  readonly projectId: string;
  readonly runId: string;
  readonly outcome?: Outcome | undefined;
  /** Lower case. */
  readonly search?: string | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

/**
 * Rows by testKey together with the version that they reflect: one statement, so both are of one moment. A run without a
 * row that matches gives one line with `row` null, a run without a summary none.
 */
export function selectTestsPage(page: TestsSelect): { text: string; values: unknown[] } {
  const values: unknown[] = [page.projectId, page.runId, page.limit];
  const conditions = [
    condition(page.outcome, (place) => `and test.outcome = ${place}`),
    condition(page.search, (place) => `and strpos(test.search, ${place}) > 0`),
    condition(page.after, (place) => `and test.test_key > ${place}`),
  ];
  const text = `
    select run.version::float8 as "asOf", run.end_offset::float8 as "endOffset", page.row
    from run_summaries as run
    left join lateral (
      select test.test_key, test.row
      from run_tests as test
      where test.project_id = run.project_id and test.run_id = run.run_id ${conditions.join(' ')}
      order by test.test_key
      limit $3
    ) as page on true
    where run.project_id = $1 and run.run_id = $2
    order by page.test_key`;
  return { text, values };

  function condition(value: string | undefined, write: (place: string) => string): string {
    return value === undefined ? '' : write(`$${values.push(value)}`);
  }
}
