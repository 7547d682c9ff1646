import type { AttemptStatus } from '@testcast/contracts';
import type { ReportProblems } from '../format/report-problems.ts';
import type { ReportedAttempt, ReportedError, ReportedTest } from '../format/reported-test.ts';
import { repairedName } from '../format/repaired-text.ts';
import { statusOfCase, statusOfFailure } from './junit-status.ts';
import { durationOf, startOf } from './junit-times.ts';
import type { JunitCase } from './junit-case.ts';
import type { JunitSuite } from './junit-suite.ts';
import type { JunitVerdict } from './junit-verdict.ts';
import { namesOfCase } from './junit-names.ts';

/** A whole `<testcase>` in the suites around it, outermost first. */
export function testOfCase(test: JunitCase, suites: readonly JunitSuite[], problems: ReportProblems): ReportedTest {
  const { attributes, line, column } = test.element;
  const name = attributes.get('name') ?? '';
  const classname = attributes.get('classname') ?? attributes.get('class') ?? '';
  if (name.trim() === '') problems.add('A test has no name.', line, column);
  const file = attributes.get('file') ?? suites.findLast((suite) => suite.file !== undefined)?.file;
  const names = namesOfCase({ name, classname, file, suites: suites.map((suite) => suite.name) });
  const sourceLine = Number(attributes.get('line') ?? attributes.get('lineno') ?? NaN);
  return {
    testId: names.testId,
    title: names.title,
    suite: names.suite,
    file: names.file,
    line: Number.isSafeInteger(sourceLine) && sourceLine >= 0 ? sourceLine : undefined,
    variant: projectOf(suites, classname),
    attempts: attemptsOf(test, suites.at(-1)!, problems),
    retry: retryOf(attributes),
    flaky: flakyOf(attributes),
    parameters: test.hasProperties ? test.properties : undefined,
    place: { line, column },
  };
}

/**
 * Playwright writes the name of its project (a browser, a device) as the hostname of a suite that is called as its tests'
 * class, under a root with an id. Hostnames of other tools name a machine, which must not become part of a test's identity.
 */
function projectOf(suites: readonly JunitSuite[], classname: string): string | undefined {
  const [root, suite] = suites;
  if (suites.length !== 2 || !root!.isRoot || !root!.element.attributes.has('id') || suite!.name !== classname)
    return undefined;
  const project = repairedName(suite!.element.attributes.get('hostname') ?? '').slice(0, 100);
  return project === '' ? undefined : project;
}

/** A failure of a suite that belongs to none of its tests: a test of its own, so that it is seen. */
export function testOfSuite(suites: readonly JunitSuite[], error: ReportedError, rawStatus: string): ReportedTest {
  const suite = suites.at(-1)!;
  const names = namesOfCase({
    name: '(suite)',
    classname: '',
    file: suite.file,
    suites: suites.map(({ name }) => name),
  });
  const { line, column } = suite.element;
  return {
    ...names,
    attempts: [{ status: 'failed', rawStatus, durationMs: 0, at: suite.endOf(0), error, output: [] }],
    retry: 0,
    place: { line, column },
  };
}

// Flaky elements are failures before a pass, rerun elements are failures after the first one.
function attemptsOf(test: JunitCase, suite: JunitSuite, problems: ReportProblems): ReportedAttempt[] {
  const durationMs = durationOf(test.element, problems);
  const suiteEnd = suite.endOf(durationMs);
  const start = startOf(test.element);
  const at = start === undefined ? suiteEnd : start + durationMs;
  if (test.verdicts.length === 0) {
    const { status, rawStatus } = statusOfCase(test, problems);
    return [{ status, rawStatus, durationMs, at, error: errorOf(test, status), output: test.output.taken() }];
  }
  const failures = test.ofKind('failure', 'error');
  const earlier = test.ofKind('flaky').map((verdict) => failedAttempt(verdict, at, problems));
  const later = test.ofKind('rerun').map((verdict) => failedAttempt(verdict, at, problems));
  // Reruns that failed are the last word: whatever else the element says, the test did not pass.
  if (later.length > 0 && failures.length === 0) return [...earlier, ...later];
  const { status, rawStatus } = statusOfCase(test, problems);
  const error = errorOf(test, status);
  const main: ReportedAttempt = { status, rawStatus, durationMs, at, error, output: outputOf(test, failures) };
  return [...earlier, main, ...later];
}

function failedAttempt(verdict: JunitVerdict, at: number | undefined, problems: ReportProblems): ReportedAttempt {
  const durationMs = durationOf(verdict.element, problems);
  const start = startOf(verdict.element);
  const end = start === undefined ? at : start + durationMs;
  return { ...statusOfFailure(verdict), durationMs, at: end, error: verdict.error(), output: verdict.outputs() };
}

function errorOf(test: JunitCase, status: AttemptStatus): ReportedError | undefined {
  if (status === 'passed') return undefined;
  const errors = test.ofKind('failure', 'error').map((verdict) => verdict.error());
  if (errors.length === 1) return errors[0];
  if (errors.length > 1) {
    const stack = errors.map(({ message, stack: text }) => text ?? message).join('\n\n');
    return { message: `${errors[0]!.message}\n(and ${errors.length - 1} more)`, stack };
  }
  const reason = test.ofKind('skipped').find(saysWhy);
  if (reason !== undefined) return reason.error();
  const message = test.element.attributes.get('message') ?? '';
  return message === '' ? undefined : { message };
}

// `<skipped/>` alone gives no reason, and its own name is none.
function saysWhy(verdict: JunitVerdict): boolean {
  const { message } = verdict.error();
  return message !== verdict.type && message !== verdict.word && message !== 'true';
}

function outputOf(test: JunitCase, failures: readonly JunitVerdict[]) {
  return [...test.output.taken(), ...failures.flatMap((verdict) => verdict.outputs())];
}

function retryOf(attributes: ReadonlyMap<string, string>): number {
  const number = (name: string) => {
    const text = attributes.get(name);
    const value = text === undefined ? 0 : Number(text);
    return Number.isInteger(value) && value > 0 ? value : 0;
  };
  return Math.max(number('retry'), number('retries'), number('attempt') - 1, 0);
}

function flakyOf(attributes: ReadonlyMap<string, string>): boolean | undefined {
  const flaky = attributes.get('flaky')?.toLowerCase();
  return flaky === 'true' || flaky === 'false' ? flaky === 'true' : undefined;
}
