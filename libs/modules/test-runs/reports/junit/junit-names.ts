import { type TestNames, fileName, namesOf } from '../format/test-identity.ts';

export interface JunitNames {
  name: string;
  classname: string;
  file?: string | undefined;
  /** Names of the suites around the test, outermost first. */
  suites: readonly string[];
}

// What tools call the one suite around everything: it says nothing, and differs between versions.
const suitesOfTools = new Set([
  'pytest',
  'rspec',
  'Root Suite',
  'Mocha Tests',
  'jest tests',
  'vitest tests',
  'AllTests',
  '(empty)',
]);
const classesOfTools = new Set(['test', 'suite']);
const sourceFile = /[^\s/\\]\.(?:[cm]?[jt]sx?|py|rb|php|go|rs|java|kt|cs|cc|cpp|dart|swift|vue|feature|robot)$/;

/**
 * Where a test stands: `<file>::<suites> > <title>`, or `<class>::…` when no file is named. Suites that repeat the file or
 * the class are left out, and so are classes that repeat the name (jest-junit, mocha-junit-reporter, CTest).
 */
export function namesOfCase({ name, classname, file, suites }: JunitNames): TestNames {
  // Playwright joins the titles of its suites with this sign, Vitest with " > ".
  const said = name.trim().replaceAll(' › ', ' > ');
  const repeatsName =
    said === '' || said === classname || said.endsWith(` ${classname}`) || classesOfTools.has(classname);
  const owner = repeatsName ? '' : classname.trim();
  const place = file ?? (sourceFile.test(owner) ? owner : undefined);
  const head = place === undefined ? owner : fileName(place);
  const repeats = (part: string) => part === '' || part === owner || fileName(part) === head || suitesOfTools.has(part);
  const path = suites.filter((suite, index) => !repeats(suite) && suite !== suites[index - 1]);
  if (place !== undefined && owner !== '' && fileName(owner) !== head) path.push(owner);
  const joined = name.includes(' › ') || (file === undefined && place !== undefined);
  const titles = joined ? said.split(' > ') : [said === '' ? classname : said];
  return namesOf(head, [...path, ...titles.slice(0, -1)], titles.at(-1)!, place);
}
