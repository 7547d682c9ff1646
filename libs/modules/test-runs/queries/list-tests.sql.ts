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

/** Bytes of a page's rows as JSON, but for what its last row is over: a page that would be larger ends earlier. */
const maxPageBytes = 1024 * 1024;

/**
 * Rows by testKey, and how many there were up to the limit, together with the version that they reflect: one statement, so both are of one moment. A run without a
 * row that matches gives one line with `row` null, a run without a summary none.
 */
export function selectTestsPage(page: TestsSelect): { text: string; values: unknown[] } {
  const values: unknown[] = [page.projectId, page.runId, page.limit, maxPageBytes];
  const conditions = [
    condition(page.outcome, (place) => `and test.outcome = ${place}`),
    condition(page.search, (place) => `and strpos(test.search, ${place}) > 0`),
    condition(page.after, (place) => `and test.test_key > ${place}`),
  ];
  const text = `
    select run.version::float8 as "asOf", run.end_offset::float8 as "endOffset", page.row, page.found
    from run_summaries as run
    left join lateral (
      select sized.test_key, sized.row, sized.found
      from (
        select candidate.test_key, candidate.row, count(*) over ()::int as found,
          sum(octet_length(candidate.row)) over (order by candidate.test_key) - octet_length(candidate.row) as bytes_before
        from (
          select test.test_key, test.row::text as row
          from run_tests as test
          where test.project_id = run.project_id and test.run_id = run.run_id ${conditions.join(' ')}
          order by test.test_key
          limit $3
        ) as candidate
      ) as sized
      where sized.bytes_before < $4
    ) as page on true
    where run.project_id = $1 and run.run_id = $2
    order by page.test_key`;
  return { text, values };

  function condition(value: string | undefined, write: (place: string) => string): string {
    return value === undefined ? '' : write(`$${values.push(value)}`);
  }
}
