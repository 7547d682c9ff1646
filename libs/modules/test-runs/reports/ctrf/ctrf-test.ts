import type { Step } from '@testcast/contracts';
import type { ReportProblems } from '../format/report-problems.ts';
import type { ReportedAttempt, ReportedTest } from '../format/reported-test.ts';
import { repairedName } from '../format/repaired-text.ts';
import { statusOf } from '../format/status-words.ts';
import { type TestNames, fileName, namesOf } from '../format/test-identity.ts';
import { attemptOf } from './ctrf-attempt.ts';
import { type CtrfObject, type CtrfValue, isObject, numberOf, textOf } from './ctrf-element.ts';

const most = { tags: 100, parameters: 50, steps: 200 };

/** A whole element of `results.tests`; `index` is its place among them. */
export function testOfElement(object: CtrfObject, index: number, problems: ReportProblems): ReportedTest {
  const name = textOf(object, 'name') ?? '';
  const where = `Test ${index + 1} ("${repairedName(name).slice(0, 80)}")`;
  if (name.trim() === '') problems.add(`${where} has no name.`);
  const attempts = attemptsOf(object, where, problems);
  const line = numberOf(object, 'line');
  const retries = numberOf(object, 'retries') ?? 0;
  const { names, testId, project } = namesOfTest(object, name);
  return {
    testId,
    title: names.title,
    suite: names.suite,
    file: names.file,
    line: line !== undefined && Number.isSafeInteger(line) && line >= 0 ? line : undefined,
    variant: variantOf(object, project),
    attempts: expectsFailure(object) ? attempts.map(inverted) : attempts,
    retry: Number.isInteger(retries) && retries > 0 ? retries : 0,
    flaky: typeof object['flaky'] === 'boolean' ? object['flaky'] : undefined,
    tags: tagsOf(object['tags']),
    owner: ownerOf(object),
    worker: textOf(object, 'threadId')?.slice(0, 200),
    parameters: parametersOf(object),
    steps: stepsOf(object['steps']),
  };
}

interface CtrfNames {
  names: TestNames;
  testId: string;
  project: string | undefined;
}

function namesOfTest(object: CtrfObject, name: string): CtrfNames {
  const file = textOf(object, 'filePath');
  const head = file === undefined ? '' : fileName(file);
  const parts = suiteOf(object['suite']);
  // A reporter for Vitest writes the test's full name as its suite.
  const suite = parts.join(' > ') === name ? parts.slice(0, -1) : parts;
  const isFile = (part: string) => head !== '' && (part === head || head.endsWith(`/${part}`));
  // Playwright's reporter puts the project (a browser, a device) before the file.
  const project = suite.findIndex(isFile) === 1 ? suite[0] : undefined;
  const path = suite.filter((part, index) => !isFile(part) && !(index === 0 && project !== undefined));
  const names = namesOf(head, path, name, file);
  const own = object['testId'];
  const testId = typeof own === 'string' && own.trim() !== '' ? repairedName(own).slice(0, 1000) : names.testId;
  return { names, testId, project };
}

function suiteOf(value: CtrfValue | undefined): string[] {
  if (typeof value === 'string') return value.split(/ [>›] /);
  return Array.isArray(value) ? value.filter((part) => typeof part === 'string') : [];
}

/** `retryAttempts` are the attempts before the test itself; some tools put the last one among them too. */
function attemptsOf(object: CtrfObject, where: string, problems: ReportProblems): ReportedAttempt[] {
  const last = attemptOf(object, where, problems);
  const listed = Array.isArray(object['retryAttempts']) ? object['retryAttempts'].filter(isObject) : [];
  const numbers = listed.map((attempt) => numberOf(attempt, 'attempt') ?? NaN);
  const inOrder = numbers.some(Number.isNaN)
    ? listed
    : listed.toSorted((a, b) => numberOf(a, 'attempt')! - numberOf(b, 'attempt')!);
  const earlier = inOrder.map((attempt) => attemptOf(attempt, where, problems));
  const repeatsLast = earlier.length > 0 && numberOf(object, 'retries') === earlier.length - 1;
  if (repeatsLast && earlier.at(-1)!.status === last.status) earlier.pop();
  return [...earlier, last];
}

// Playwright's annotation of `test.fail()`: its CTRF reporter writes what happened, not what that means.
function expectsFailure(object: CtrfObject): boolean {
  const extra = object['extra'];
  const annotations = isObject(extra) && Array.isArray(extra['annotations']) ? extra['annotations'] : [];
  return annotations.some((annotation) => isObject(annotation) && annotation['type'] === 'fail');
}

function inverted(attempt: ReportedAttempt): ReportedAttempt {
  if (attempt.status === 'failed')
    return { ...attempt, status: 'passed', rawStatus: 'failed as expected', error: undefined };
  if (attempt.status !== 'passed') return attempt;
  return {
    ...attempt,
    status: 'failed',
    rawStatus: 'passed unexpectedly',
    error: { message: 'Expected to fail, but passed.' },
  };
}

function variantOf(object: CtrfObject, project: string | undefined): string | undefined {
  const said = [textOf(object, 'browser'), textOf(object, 'device')].filter(
    (part) => part !== undefined && part !== project,
  );
  const parts = [project, ...said].filter((part) => part !== undefined && part !== '');
  return parts.length === 0 ? undefined : repairedName(parts.join(' ')).slice(0, 100);
}

function tagsOf(value: CtrfValue | undefined): string[] | undefined {
  const tags = (Array.isArray(value) ? value : [value]).filter(
    (tag) => typeof tag === 'string' && tag !== '',
  ) as string[];
  return tags.length === 0 ? undefined : tags.slice(0, most.tags).map((tag) => repairedName(tag).slice(0, 200));
}

function ownerOf(object: CtrfObject): string | undefined {
  const labels = object['labels'];
  return (textOf(object, 'owner') ?? (isObject(labels) ? textOf(labels, 'owner') : undefined))?.slice(0, 200);
}

function parametersOf(object: CtrfObject): Record<string, string> | undefined {
  const all = [object['labels'], object['parameters']]
    .filter(isObject)
    .flatMap((group) => Object.keys(group).map((key) => [key, textOf(group, key)] as const));
  const said = all.filter(
    (entry): entry is readonly [string, string] => entry[1] !== undefined && entry[0] !== '__proto__',
  );
  if (said.length === 0) return undefined;
  return Object.fromEntries(
    said.slice(0, most.parameters).map(([key, value]) => [key.slice(0, 200), value.slice(0, 2000)]),
  );
}

function stepsOf(value: CtrfValue | undefined): Step[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const steps = value
    .filter(isObject)
    .slice(0, most.steps)
    .map((step): Step => {
      const status = textOf(step, 'status');
      const known = status === undefined ? undefined : statusOf(status);
      return {
        title: textOf(step, 'name') ?? '',
        ...(status === undefined ? {} : { status: (known ?? status).slice(0, 40) }),
      };
    });
  return steps.length === 0 ? undefined : steps;
}
