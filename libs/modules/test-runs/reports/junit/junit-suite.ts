import type { ReportProblems } from '../format/report-problems.ts';
import { startOf } from './junit-times.ts';
import type { JunitVerdict } from './junit-verdict.ts';
import { OutputTexts } from '../format/output-texts.ts';
import type { XmlElement } from './xml-reader.ts';

/** A `<testsuite>`, or the root around them: its names, what its header claims, and what was found in it. */
export class JunitSuite {
  readonly name: string;
  readonly file: string | undefined;
  readonly output = new OutputTexts();
  readonly verdicts: JunitVerdict[] = [];
  private readonly startedAt: number | undefined;
  private elapsedMs = 0;
  private own = 0;
  private suites = 0;
  private all = 0;
  private failed = 0;

  constructor(
    readonly element: XmlElement,
    readonly isRoot: boolean,
  ) {
    this.name = isRoot ? '' : (element.attributes.get('name') ?? '').trim();
    this.file = element.attributes.get('file') ?? element.attributes.get('filepath');
    this.startedAt = startOf(element);
  }

  /** When a test of the suite that took so long ended, as far as the suite's own start tells. */
  endOf(durationMs: number): number | undefined {
    this.elapsedMs += durationMs;
    return this.startedAt === undefined ? undefined : this.startedAt + this.elapsedMs;
  }

  count(failed: boolean): void {
    this.own += 1;
    this.all += 1;
    if (failed) this.failed += 1;
  }

  /** Takes over what was found in a suite inside this one. */
  include(inner: JunitSuite): void {
    this.suites += 1;
    this.all += inner.all;
    this.failed += inner.failed;
  }

  /**
   * Failures that are counted where nothing failed by name: by the header of a suite without a test, which could not even be
   * set up, or by the tally of the whole report.
   */
  unnamedFailures(ofTheReport: number): string | undefined {
    const claimed = this.claimed('failures') + this.claimed('errors');
    if (this.all === 0 && this.verdicts.length === 0 && claimed > 0)
      return `The suite says that it has ${claimed} failures and errors, and has no test.`;
    if (this.isRoot && this.failed === 0 && ofTheReport > 0)
      return `The report says that ${ofTheReport} of its tests failed, and names none.`;
    return undefined;
  }

  /**
   * Headers of real tools count reruns, hooks and nested suites in every way: a difference is worth a word, no more. Those of
   * node:test count what stands directly inside, a suite as one; others their own tests, or all that are below.
   */
  compare(problems: ReportProblems): void {
    const { line, column } = this.element;
    const tests = this.element.attributes.get('tests');
    const claimed = this.claimed('tests');
    const what = this.isRoot ? 'The report' : `The suite "${this.name.slice(0, 100)}"`;
    if (tests !== undefined && ![this.own, this.own + this.suites, this.all].includes(claimed)) {
      problems.add(`${what} says that it has ${claimed} tests, and has ${this.all}.`, line, column);
    }
    const failures = this.claimed('failures') + this.claimed('errors');
    if (failures > this.failed) {
      problems.add(
        `${what} says that it has ${failures} failures and errors, and has ${this.failed} failed tests.`,
        line,
        column,
      );
    }
  }

  private claimed(attribute: string): number {
    const count = Number(this.element.attributes.get(attribute)?.replaceAll(/[,.\s]/g, '') ?? 0);
    return Number.isInteger(count) && count > 0 ? count : 0;
  }
}
