import { expect, it } from 'vitest';
import { sourceFiles } from './source-files.ts';

const files = sourceFiles('apps', 'libs', 'migrations', 'packages', 'test');
const emptyWords = new Set(['impl', 'manager', 'helper', 'helpers', 'util', 'utils', 'common', 'dto', 'dtos']);

const wordsOf = (name: string): string[] =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);

const isEmpty = (name: string): boolean => wordsOf(name).some((word) => emptyWords.has(word));

it('files are called kebab-case.role.ts', () => {
  const kebabCase = /(^|\/)[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*\.tsx?$/;
  expect(files.map((file) => file.path).filter((file) => !kebabCase.test(file))).toEqual([]);
});

it('no file or folder has a name that says nothing', () => {
  expect(files.map((file) => file.path).filter(isEmpty)).toEqual([]);
});

it('no class or type has a name that says nothing', () => {
  const declared = /^\s*(?:export )?(?:abstract )?(?:class|interface|enum|type(?= \w+ ?[=<])) (\w+)/gm;
  const offenders = files.flatMap(({ path, text }) =>
    [...text.matchAll(declared)]
      .map(([, name]) => name!)
      .filter((name) => isEmpty(name) || /^I[A-Z][a-z]|^Base[A-Z]/.test(name))
      .map((name) => `${name} in ${path}`),
  );
  expect(offenders).toEqual([]);
});

it('libraries and server apps have no src folder', () => {
  const offenders = files
    .map((file) => file.path)
    .filter((file) => /^(libs|apps\/(?!web\/)[^/]+)\/(.*\/)?src\//.test(file));
  expect(offenders).toEqual([]);
});
