import type { ItemResult, ResultItemInput } from '@testcast/contracts';
import type { ReportSummary } from './format/read-report.ts';
import { type ReportProblem, namedProblems } from './format/report-problems.ts';

export interface ReportFileReply {
  /** Items by what became of them; a test with a retry is two items. */
  accepted: number;
  duplicates: number;
  rejected: number;
  /** Tests of the file. */
  tests: number;
  /** Of the run's stream: the last of what it now holds of the file. Absent when it holds nothing of it. */
  offset?: number;
  /** The first hundred: first what was odd in the file, then why items were rejected. */
  problems: (ReportProblem & { code?: string; testId?: string })[];
}

/** Counts what became of the items of one file. */
export class ReportTally {
  private accepted = 0;
  private duplicates = 0;
  private rejected = 0;
  private offset: number | undefined;
  private readonly problems: ReportFileReply['problems'];

  constructor(private readonly summary: ReportSummary) {
    this.problems = [...summary.problems];
  }

  count(items: readonly ResultItemInput[], results: readonly ItemResult[]): void {
    for (const result of results) {
      if (result.status === 'appended') this.accepted += 1;
      else if (result.status === 'duplicate') this.duplicates += 1;
      else this.rejected += 1;
      if (result.status !== 'rejected') this.offset = Math.max(this.offset ?? 0, result.offset);
    }
    this.note(items, results);
  }

  /** Names what was rejected without counting it: for items that are not of the file. */
  note(items: readonly ResultItemInput[], results: readonly ItemResult[]): void {
    for (const result of results) {
      if (result.status !== 'rejected') continue;
      const item = items[result.index];
      const testId = item !== undefined && 'testId' in item ? item.testId : undefined;
      this.problem(result.error.code, result.error.message, testId);
    }
  }

  problem(code: string, message: string, testId?: string): void {
    if (this.problems.length >= namedProblems) return;
    this.problems.push({ code, message, ...(testId === undefined ? {} : { testId }) });
  }

  reply(): ReportFileReply {
    const { accepted, duplicates, rejected, offset, problems } = this;
    const { tests } = this.summary;
    return { accepted, duplicates, rejected, tests, ...(offset === undefined ? {} : { offset }), problems };
  }
}
