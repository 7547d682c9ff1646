import { expect, it } from 'vitest';
import { sourceFiles } from './source-files.ts';

const production = sourceFiles('apps', 'libs', 'packages', 'docs/how-to/add-a-module').filter(
  ({ path }) => !/\.spec\.tsx?$/.test(path),
);

interface HouseRule {
  title: string;
  /** in the text of a file, comments left out */
  pattern: RegExp;
  where: RegExp;
  except?: RegExp;
}

const rules: HouseRule[] = [
  {
    title: 'libraries get options, and do not read the environment',
    pattern: /process\.env\b/,
    where: /^libs\//,
    // The test tools and the services that they start are told by whoever runs them; the local PostgreSQL hands PATH on to its programs.
    except: /^libs\/platform\/((testing|local-services)\/|local-postgres\/environment\.ts$)/,
  },
  { title: 'no two providers need each other', pattern: /\bforwardRef\(/, where: /^(apps|libs)\// },
  {
    title: 'no provider is made anew for every request',
    pattern: /Scope\.(REQUEST|TRANSIENT)\b/,
    where: /^(apps|libs)\//,
  },
  {
    title: 'durable work does not go over the in-memory event bus',
    pattern: /\bEventBus\b|@Saga\(|@EventsHandler\(|\.commit\(\)/,
    where: /^libs\/modules\//,
  },
  {
    // It takes a lock that makes the commits of all sessions wait for each other.
    title: 'no transaction of ours sends a NOTIFY',
    pattern: /\bpg_notify\(|^\s*notify\s+\w/im,
    where: /^(libs\/platform\/event-store|migrations)\//,
  },
  {
    // A page has one, and who jumps to it would land in the outer one.
    title: 'the shell has the main part of a page, and no module puts another into it',
    pattern: /<main\b/,
    where: /apps\/web\/src\/modules\//,
  },
];

it.each(rules)('$title', ({ pattern, where, except }) => {
  const offenders = production
    .filter(({ path }) => where.test(path) && !except?.test(path))
    .filter(({ text }) => pattern.test(withoutComments(text)))
    .map(({ path }) => path);
  expect(offenders).toEqual([]);
});

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '');
}
