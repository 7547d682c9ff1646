/** Something in a report that was read all the same: told to the sender, never a reason to lose a result. */
export interface ReportProblem {
  line?: number | undefined;
  column?: number | undefined;
  message: string;
}

/** How many problems an answer names; the rest are only counted. */
export const namedProblems = 100;
const messageLength = 500;

/** The first hundred problems of a report, and how many there were: a file of a million mistakes takes no more room. */
export class ReportProblems {
  readonly first: ReportProblem[] = [];
  total = 0;

  add(message: string, line?: number, column?: number): void {
    this.total += 1;
    if (this.first.length >= namedProblems) return;
    const text = message.length > messageLength ? `${message.slice(0, messageLength)}…` : message;
    this.first.push({
      message: text,
      ...(line === undefined ? {} : { line }),
      ...(column === undefined ? {} : { column }),
    });
  }
}
