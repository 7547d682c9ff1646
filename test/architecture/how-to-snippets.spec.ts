import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const howTo = path.resolve(import.meta.dirname, '../../docs/how-to');
const page = readFileSync(path.join(howTo, 'add-a-module.md'), 'utf8');
const snippets = [...page.matchAll(/```tsx?\n\/\/ (?<file>\S+)\n(?<text>[^]*?)```/g)].map(({ groups }) => groups!);

it('the page on modules quotes some code', () => {
  expect(snippets.length).toBeGreaterThan(5);
  expect(page.match(/```tsx?\n/g)).toHaveLength(snippets.length);
});

it.each(snippets)('what the page quotes of $file stands there', ({ file, text }) => {
  expect(readFileSync(path.join(howTo, 'add-a-module', file!), 'utf8')).toContain(text);
});

it('the page names files that are there', () => {
  for (const [, link] of page.matchAll(/\]\(([^)]+)\)/g)) {
    expect(() =>
      readFileSync(path.join(howTo, link!.replace(/\/$/, '/libs/modules/run-notes/index.ts'))),
    ).not.toThrow();
  }
});
