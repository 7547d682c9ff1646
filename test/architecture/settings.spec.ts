import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { sourceFiles } from './source-files.ts';

/** Keys of the zod schemas: `NAME: …` at the start of a line in a config file. */
function declaredSettings(): string[] {
  const configs = sourceFiles('apps').filter(({ path }) => path.endsWith('.config.ts'));
  return configs.flatMap(({ text }) => [...text.matchAll(/^\s+([A-Z][A-Z_]+): /gm)].map(([, name]) => name!));
}

it('documents every setting that an app reads, and no other', () => {
  const page = readFileSync('docs/reference/settings.md', 'utf8');
  const rows = [...page.matchAll(/^\| ((?:`[A-Z_]+`(?:, )?)+) \|/gm)];
  const documented = rows.flatMap(([, names]) => [...names!.matchAll(/[A-Z_]+/g)].map(([name]) => name));
  expect(new Set(documented)).toEqual(new Set(declaredSettings()));
});
