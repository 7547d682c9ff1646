import { describe, expect, it } from 'vitest';
import { readText } from './read-text.fixture.ts';

const suite = (inside: string) => `<testsuite name="s">${inside}</testsuite>`;
const laughs = `<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "${'&a;'.repeat(99)}">]>`;
const element = (inside: string) => `{"results":{"tests":[{"name":"a","status":"passed",${inside}}]}}`;

describe('a hostile report', () => {
  it.each<[string, string, string]>([
    ['entities that grow', `${laughs}${suite('<testcase name="&b;"/>')}`, 'report.refused'],
    ['an external entity', `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${suite('&e;')}`, 'report.refused'],
    ['a document type', `<!DOCTYPE testsuite SYSTEM "http://127.0.0.1/x.dtd">${suite('')}`, 'report.refused'],
    ['a document type without an end', `<!DOCTYPE x [${' '.repeat(200_000)}`, 'report.refused'],
    ['an element declaration', suite('<!ELEMENT a ANY>'), 'report.refused'],
    ['depth', '<testsuite>'.repeat(101), 'report.refused'],
    ['a name without an end', `<${'a'.repeat(200_000)}`, 'report.refused'],
    ['an entity without an end', suite(`&${'a'.repeat(200_000)}`), 'report.refused'],
    [
      'attributes without an end',
      `<testsuite ${Array.from({ length: 1001 }, (_, n) => `a${n}=""`).join(' ')}/>`,
      'report.refused',
    ],
    [
      'attributes of great length',
      `<testsuite ${Array.from({ length: 20 }, (_, n) => `a${n}="${'x'.repeat(100_000)}"`).join(' ')}/>`,
      'report.refused',
    ],
    [
      'more failures than a test can have',
      suite(`<testcase name="a">${'<failure/>'.repeat(1001)}</testcase>`),
      'report.refused',
    ],
    ['an attribute twice', suite('<testcase status="failed" status="passed"/>'), 'report.unreadable'],
    ['two roots', `${suite('')}${suite('')}`, 'report.unreadable'],
    ['a text before the root', `log: ${suite('')}`, 'report.unknown-format'],
    ['a text after the root', `${suite('')} done`, 'report.unreadable'],
    ['elements that cross', '<testsuite><testcase></testsuite></testcase>', 'report.unreadable'],
    ['an ampersand that hides markup', suite('<testcase name="a">&<failure/></testcase>'), 'report.unreadable'],
    ['an ampersand that hides a quote', suite('<testcase name="a&" status="failed"/>'), 'report.unreadable'],
    [
      'a comment that does not end where it seems to',
      suite('<!-- x ---><testcase name="a"><failure/></testcase>'),
      'report.unreadable',
    ],
    [
      'a less-than sign in a text',
      suite('<testcase name="a"><failure>1 < 2</failure></testcase>'),
      'report.unreadable',
    ],
    ['another vocabulary', '<TestRun xmlns="urn:trx"/>', 'report.unknown-format'],
    ['HTML', '<html><body>502 Bad Gateway</body></html>', 'report.unknown-format'],
    ['nothing', '', 'report.truncated'],
    ['blanks', ' \n\t', 'report.truncated'],
    ['blanks without an end', ' '.repeat(200_000), 'report.unknown-format'],
    ['text', 'ok 1 - a', 'report.unknown-format'],
    ['zeros', '\0'.repeat(2000), 'report.unknown-format'],
    ['JSON of another kind', '{"tests": []}', 'report.unknown-format'],
    ['a JSON array', '[{"name": "a"}]', 'report.unknown-format'],
    ['results that are none', '{"results": []}', 'report.unknown-format'],
    ['JSON of great depth', element(`"parameters":${'['.repeat(100)}`), 'report.refused'],
    ['more values than a test can have', element(`"steps":[${'1,'.repeat(30_000)}1]`), 'report.refused'],
    ['more attempts than a test can have', element(`"retryAttempts":[${'{},'.repeat(1500)}{}]`), 'report.refused'],
    ['a comma too many', element('"tags":[1,]'), 'report.unreadable'],
    ['a word that is no JSON', element('"line":NaN'), 'report.unreadable'],
    ['a word that is no JSON at the end', '{"results":None}', 'report.unreadable'],
    ['a line break in a string', '{"results":{"tests":[{"name":"a\n"}]}}', 'report.unreadable'],
    ['two documents', '{"results":{"tests":[]}}{"results":{"tests":[]}}', 'report.unreadable'],
  ])('with %s is refused', async (_, text, code) => {
    await expect(readText(text)).rejects.toMatchObject({ code, temporary: false });
    await expect(readText(text, { chunk: 777 })).rejects.toMatchObject({ code });
  });

  it.each<[string, string, number, number]>([
    ['XML', '<testsuite>\n  <testcase name="a">\n  </wrong>\n</testsuite>', 3, 10],
    ['XML that ends too early', '<testsuite>\n <testcase', 2, 10],
    ['JSON', '{\n  "results": {\n    "tests": [x]\n  },        "padding": ""}', 3, 15],
    ['JSON that ends too early', '{"results":\n{"tests":[{"name', 2, 17],
    ['JSON that is nested too deep', `{"results":{"tests":[{"parameters":\n${'['.repeat(99)}`, 2, 61],
  ])('is refused with the line and column: %s', async (_, text, line, column) => {
    await expect(readText(text)).rejects.toMatchObject({ details: { line, column } });
    await expect(readText(text, { chunk: 3 })).rejects.toMatchObject({ details: { line, column } });
  });

  it.each<[string, string]>([
    [
      'an attribute',
      suite(`<testcase name="a" status="failed"><failure message="<${'x'.repeat(5_000_000)}y"/></testcase>`).replace(
        '"<x',
        '"&lt;x',
      ),
    ],
    ['a text', suite(`<testcase name="a"><failure>&lt;${'x'.repeat(5_000_000)}y</failure></testcase>`)],
    ['a string', element(`"status":"failed","message":"<${'x'.repeat(5_000_000)}y"`)],
  ])('with %s of 5 MB keeps its beginning and its end', async (_, text) => {
    const { list } = await readText(text);
    const [item] = list;
    expect(item).toMatchObject({ testId: expect.stringMatching(/a$/) as string, status: 'failed' });
    const error = (item as { error: { message: string; stack?: string } }).error;
    const kept = error.stack ?? error.message;
    expect(kept.length).toBeLessThan(100_000);
    expect(kept).toMatch(/^<x+[^]*x+y$/);
    expect(await readText(text, { chunk: 10_007 })).toEqual(await readText(text));
  });

  it('with two thousand problems names a hundred', async () => {
    const { problems, problemCount, tests } = await readText(suite('<testcase name=""/>'.repeat(2000)));
    expect({ named: problems.length, problemCount, tests }).toEqual({
      named: 100,
      problemCount: 2000,
      tests: 2000,
    });
  });

  it('with names of prototypes is a report like any other', async () => {
    const xml = suite(
      '<testcase name="__proto__" hasOwnProperty="x" __proto__="y" constructor="z"><properties><property name="__proto__" value="1"/></properties></testcase>',
    );
    expect((await readText(xml)).outcomes).toEqual(['s > __proto__: passed']);
    const json =
      '{"__proto__":1,"results":{"tests":[{"__proto__":{"status":"passed"},"name":"constructor","duration":1,"parameters":{"__proto__":"x"}}]}}';
    expect((await readText(json)).outcomes).toEqual(['constructor: failed']);
  });

  it('with long names that differ at their ends has two tests', async () => {
    const name = (end: string) => `<testcase name="${'n'.repeat(1500)}${end}${'n'.repeat(500)}"/>`;
    const { rows } = await readText(suite(name('a') + name('b')));
    expect(new Set(rows.map(({ testId }) => testId)).size).toBe(2);
    expect(rows.every(({ testId }) => testId.length === 1000 && !testId.includes('#2'))).toBe(true);
  });
});
