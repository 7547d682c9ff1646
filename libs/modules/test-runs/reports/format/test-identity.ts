import { createHash } from 'node:crypto';
import { cutMiddle } from './bounded-text.ts';
import { repairedName } from './repaired-text.ts';

const limits = { testId: 1000, title: 2000, suite: 1000, levels: 50, file: 1000 } as const;

export interface TestNames {
  testId: string;
  title: string;
  suite: string[];
  file?: string | undefined;
}

/**
 * Names of a test: `testId` is `<head>::<suite> > … > <title>`, where the head is the file, or else the class.
 * `path` are the names of its suites, outermost first; `name` may begin with them, as the full titles of many tools do.
 */
export function namesOf(head: string, path: readonly string[], name: string, file?: string): TestNames {
  const suite = path.map(repairedName).filter((part) => part !== '');
  const title = withoutSuites(repairedName(name), suite);
  const levels = [...suite, title].join(' > ');
  const place = head === '' ? levels : `${repairedName(head)}::${levels}`;
  return {
    testId: shortened(place),
    title: cutMiddle(title, limits.title),
    suite: suite.slice(0, limits.levels).map((part) => cutMiddle(part, limits.suite)),
    file: file === undefined || file === '' ? undefined : cutMiddle(fileName(file), limits.file),
  };
}

/** A path as every system writes it: `/` between its parts, no `./` before it. */
export function fileName(path: string): string {
  return repairedName(path)
    .replaceAll('\\', '/')
    .replace(/^(?:\.\/)+/, '');
}

// "cart adds an item" in the suites cart and adds is "an item"; so is "cart > adds > an item".
function withoutSuites(name: string, suite: readonly string[]): string {
  for (const between of [' > ', ' ']) {
    for (let from = 0; from < suite.length; from += 1) {
      const prefix = `${suite.slice(from).join(between)}${between}`;
      if (name.length > prefix.length && name.startsWith(prefix)) return name.slice(prefix.length);
    }
  }
  return name === '' ? '(no name)' : name;
}

// Two long ids that differ only in what is cut away must stay two tests.
function shortened(testId: string): string {
  if (testId.length <= limits.testId) return testId;
  const mark = `~${createHash('sha256').update(testId).digest('hex').slice(0, 16)}`;
  return cutMiddle(testId, limits.testId - mark.length) + mark;
}

/** The id of the nth test (2 …) of one name in a file. */
export function repeatedTestId(testId: string, n: number): string {
  const suffix = ` #${n}`;
  return testId.length + suffix.length <= limits.testId
    ? testId + suffix
    : shortened(testId + suffix.padStart(limits.testId));
}
