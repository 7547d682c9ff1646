import type { ResultItemInput } from '@testcast/contracts';
import { ReportItems, type ReportItemsContext } from './report-items.ts';
import { type ReportProblem, ReportProblems } from './report-problems.ts';
import { ReportReader } from './report-reader.ts';

export interface ReportSummary {
  tests: number;
  items: number;
  problems: ReportProblem[];
  /** How many problems there were; `problems` has the first hundred. */
  problemCount: number;
}

/**
 * Items of a report as it is read, a list for each chunk; the summary at the end. Throws `report.truncated`,
 * `report.unreadable`, `report.refused` or `report.unknown-format`, which may be after items have been given out: whoever
 * stores them reads the report to its end first.
 */
export async function* readReport(
  chunks: AsyncIterable<Uint8Array>,
  context: ReportItemsContext,
): AsyncGenerator<ResultItemInput[], ReportSummary> {
  const problems = new ReportProblems();
  const items = new ReportItems(context, problems);
  let found: ResultItemInput[] = [];
  let count = 0;
  const reader = new ReportReader(
    {
      test: (test) => void found.push(...items.itemsOf(test)),
      output: (output) => void found.push(...items.itemsOfOutput(output)),
    },
    problems,
  );
  function* taken() {
    if (found.length === 0) return;
    const list = found;
    found = [];
    count += list.length;
    yield list;
  }
  for await (const chunk of chunks) {
    reader.write(chunk);
    yield* taken();
  }
  reader.end();
  yield* taken();
  items.end();
  return { tests: items.tests, items: count, problems: problems.first, problemCount: problems.total };
}
