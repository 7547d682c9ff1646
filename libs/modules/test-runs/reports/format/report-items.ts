import type { ResultItemInput } from '@testcast/contracts';
import { DomainError } from '#platform/kernel';
import { RepeatTable, keyOf } from './repeat-table.ts';
import type { ReportProblems } from './report-problems.ts';
import type { ReportedAttempt, ReportedOutput, ReportedTest } from './reported-test.ts';
import { repeatedTestId } from './test-identity.ts';

export interface ReportItemsContext {
  /** sha256 over the file, shardId, variant and rerun: the first part of every itemId. */
  digest: string;
  variant?: string | undefined;
  /** Epoch milliseconds: `at` of what the report gives no time for. */
  receivedAt: number;
}

interface AttemptOf {
  testId: string;
  variant: string | undefined;
  attempt: number;
}

const limits = {
  tests: 2_000_000,
  attempts: 10_000,
  /** Earlier attempts that are filled in where a report only says how often a test was retried. */
  unnamedAttempts: 20,
  outputPiece: 16 * 1024,
  /** Characters of output of a whole file; a report is not the place for a build's log. */
  output: 64 * 1024 * 1024,
};
const day = 86_400_000;

/** Turns what a reader found into result items. The same file gives the same items, with the same ids. */
export class ReportItems {
  tests = 0;
  private index = 0;
  private outputLeft = limits.output;
  private outputDropped = 0;
  private readonly repeats = new RepeatTable();
  private readonly sequence = { stdout: 0, stderr: 0 };

  constructor(
    private readonly context: ReportItemsContext,
    private readonly problems: ReportProblems,
  ) {}

  itemsOf(test: ReportedTest): ResultItemInput[] {
    const { testId, first, attempts } = this.placed(test);
    const variant = this.variantOf(test);
    const items: ResultItemInput[] = [];
    for (const [n, attempt] of attempts.entries()) {
      const of = { testId, variant, attempt: Math.min(first + n, limits.attempts) };
      items.push(this.finished(test, attempt, of, n === attempts.length - 1));
      if (attempt.output.length > 0) items.push(...this.outputItems(attempt.output, attempt.at, of));
    }
    return items;
  }

  /** Output that belongs to no test. */
  itemsOfOutput(output: ReportedOutput): ResultItemInput[] {
    return this.outputItems([output], undefined);
  }

  /** Says what was left out; called when the report has been read to its end. */
  end(): void {
    if (this.outputDropped > 0) {
      this.problems.add(
        `${this.outputDropped} characters of output were left out: a report may carry ${limits.output}.`,
      );
    }
  }

  /** Which test of this name it is, and the number of its first attempt. */
  private placed(test: ReportedTest): { testId: string; first: number; attempts: ReportedAttempt[] } {
    const key = keyOf(`${test.testId}\0${test.variant ?? ''}`);
    const known = this.repeats.get(key);
    const alone = test.attempts.length === 1;
    const said = test.retry === 0 && test.flaky === true && alone ? Math.max(known.attempts, 1) : test.retry;
    const retry = Math.min(said, limits.attempts - 1);
    const continues = alone && known.tests > 0 && retry > 0 && known.attempts <= retry;
    const unnamed = alone && !continues ? retry : 0;
    const attempts =
      unnamed > 0 && this.wasFlaky(test) ? [...unnamedFailures(unnamed), ...test.attempts] : test.attempts;
    const first = alone ? retry + 2 - attempts.length : 1;
    const n = continues ? known.tests : known.tests + 1;
    if (!continues) this.countTest();
    this.repeats.set(key, n, Math.min(first + attempts.length - 1, limits.attempts));
    return { testId: n === 1 ? test.testId : repeatedTestId(test.testId, n), first: Math.max(1, first), attempts };
  }

  // Retried and passed: something failed before, unless the report says that it did not.
  private wasFlaky({ flaky, attempts: [only] }: ReportedTest): boolean {
    return only!.status === 'passed' && flaky !== false;
  }

  private countTest(): void {
    this.tests += 1;
    if (this.tests > limits.tests) {
      throw new DomainError('report.refused', `A report may have ${limits.tests} tests. Nothing was stored.`, {
        details: { limit: limits.tests },
      });
    }
  }

  private variantOf({ variant: own }: ReportedTest): string | undefined {
    if (own === undefined) return this.context.variant;
    return [this.context.variant, own].filter(Boolean).join(' ').slice(0, 200);
  }

  // One literal and no spread: this is made for every attempt of millions.
  private finished(test: ReportedTest, attempt: ReportedAttempt, of: AttemptOf, isLast: boolean): ResultItemInput {
    const { status } = attempt;
    return {
      kind: 'test.finished',
      at: this.timeOf(attempt.at),
      itemId: this.nextId(),
      testId: of.testId,
      variant: of.variant,
      title: test.title,
      suite: test.suite,
      file: test.file,
      line: test.line,
      attempt: of.attempt,
      status,
      rawStatus: attempt.rawStatus,
      willRetry: !isLast && (status === 'failed' || status === 'timedOut') ? true : undefined,
      durationMs: Math.round(attempt.durationMs),
      error: attempt.error,
      tags: isLast ? test.tags : undefined,
      owner: isLast ? test.owner : undefined,
      worker: isLast ? test.worker : undefined,
      parameters: isLast ? test.parameters : undefined,
      steps: isLast ? test.steps : undefined,
    };
  }

  private nextId(): string {
    const id = `${this.context.digest}:${this.index}`;
    this.index += 1;
    return id;
  }

  // A clock that runs a day ahead would keep its run on top of every list.
  private timeOf(at: number | undefined): number {
    const { receivedAt } = this.context;
    return at === undefined || at > receivedAt + day ? receivedAt : Math.round(at);
  }

  private outputItems(outputs: readonly ReportedOutput[], at: number | undefined, of?: AttemptOf): ResultItemInput[] {
    const sequence = of === undefined ? this.sequence : { stdout: 0, stderr: 0 };
    return outputs.flatMap(({ stream, text }) => {
      if (text.length > this.outputLeft) {
        this.outputDropped += text.length;
        return [];
      }
      this.outputLeft -= text.length;
      return pieces(text).map((piece) => ({
        kind: 'output' as const,
        at: this.timeOf(at),
        itemId: this.nextId(),
        ...of,
        stream,
        seq: sequence[stream]++,
        text: piece,
      }));
    });
  }
}

function unnamedFailures(count: number): ReportedAttempt[] {
  const error = { message: 'The report says that the test was retried, and not why.' };
  const failure: ReportedAttempt = { status: 'failed', rawStatus: 'retried', durationMs: 0, error, output: [] };
  return Array.from({ length: Math.min(count, limits.unnamedAttempts) }, () => failure);
}

/** A text in pieces that are each within the limit of an output item, in bytes, and end between characters. */
function pieces(text: string): string[] {
  const size = Buffer.byteLength(text) === text.length ? limits.outputPiece : Math.floor(limits.outputPiece / 3);
  const found: string[] = [];
  for (let from = 0; from < text.length;) {
    const code = text.charCodeAt(from + size - 1);
    const to = from + size - (code >= 0xd800 && code < 0xdc00 ? 1 : 0);
    found.push(text.slice(from, to));
    from = to;
  }
  return found;
}
