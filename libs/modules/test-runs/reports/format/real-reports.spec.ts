import { readFileSync } from 'node:fs';
import { isValid } from 'ctrf';
import { describe, expect, it } from 'vitest';
import { counted, readText } from './read-text.fixture.ts';

const folder = new URL('../../../../../test/fixtures/reports/', import.meta.url);
const file = (name: string): Buffer => readFileSync(new URL(name, folder));

// What the tools themselves printed stands in test/fixtures/reports/README.md, and why a line differs from it.
describe('reports of real tools', () => {
  it.each<[string, Record<string, number>]>([
    ['junit/node-test.xml', { passed: 2, failed: 3, skipped: 2 }],
    ['junit/vitest.xml', { passed: 4, failed: 1, skipped: 2 }],
    ['junit/jest-junit.xml', { passed: 3, failed: 3, skipped: 1 }],
    ['junit/mocha-junit-reporter.xml', { passed: 2, failed: 2, skipped: 2 }],
    ['junit/playwright.xml', { passed: 6, failed: 6, skipped: 4 }],
    ['junit/playwright-retries.xml', { passed: 4, failed: 6, flaky: 2, skipped: 4 }],
    ['junit/pytest.xml', { passed: 5, failed: 8, skipped: 1 }],
    ['junit/pytest-xunit1.xml', { passed: 5, failed: 8, skipped: 1 }],
    ['junit/surefire-CartTest.xml', { passed: 3, failed: 2, flaky: 2, skipped: 1 }],
    ['junit/surefire-StockTest.xml', { failed: 1 }],
    ['junit/gotestsum.xml', { passed: 3, failed: 5, skipped: 1 }],
    ['junit/gotestsum-reruns.xml', { passed: 3, failed: 7, skipped: 1 }],
    ['junit/go-junit-report.xml', { passed: 3, failed: 5, skipped: 1 }],
    ['junit/googletest.xml', { passed: 2, failed: 3, skipped: 3 }],
    ['junit/ctest.xml', { passed: 1, failed: 4, skipped: 2 }],
    ['ctrf/vitest.json', { passed: 3, failed: 1, flaky: 1, skipped: 2 }],
    ['ctrf/jest.json', { passed: 1, failed: 1, flaky: 1, skipped: 2 }],
    ['ctrf/mocha.json', { passed: 1, failed: 2, flaky: 1, skipped: 2 }],
    ['ctrf/playwright.json', { passed: 4, failed: 6, flaky: 2, skipped: 4 }],
  ])('%s', async (name, outcomes) => {
    const { rows, tests } = await readText(file(name));
    expect(counted(rows)).toEqual(outcomes);
    expect(tests).toBe(rows.length);
  });

  it.each([
    ['mocha', true],
    // These three write a suite as a text, where the schema has a path.
    ['jest', false],
    ['vitest', false],
    ['playwright', false],
  ])('of CTRF are read whether they keep to its schema (%s: %s) or not', async (name, valid) => {
    const bytes = file(`ctrf/${name}.json`);
    expect(isValid(JSON.parse(bytes.toString()))).toBe(valid);
    expect((await readText(bytes)).problems).toEqual([]);
  });

  it('warn of nothing in the nested suites of node:test', async () => {
    const { problems } = await readText(file('junit/node-test.xml'));
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('8 characters that XML does not allow were repaired'),
    ]);
  });

  it('read the same byte by byte', async () => {
    for (const name of ['junit/node-test.xml', 'junit/playwright-retries.xml', 'ctrf/playwright.json']) {
      expect(await readText(file(name), { chunk: 1 })).toEqual(await readText(file(name)));
    }
  });

  it('give a test of a file the same name in both formats', async () => {
    const ids = async (name: string) =>
      (await readText(file(name))).rows.map(({ testId }) => testId.replace('/project/', ''));
    expect(await ids('ctrf/vitest.json')).toEqual(await ids('junit/vitest.xml'));
  });

  it('tell the browsers and devices of Playwright apart', async () => {
    for (const name of ['junit/playwright.xml', 'ctrf/playwright.json']) {
      const { rows } = await readText(file(name));
      expect(rows.filter(({ title }) => title === 'adds an item').map(({ variant }) => variant)).toEqual([
        'desktop',
        'phone',
      ]);
    }
  });

  it('keep the failed attempts of Surefire, with their traces', async () => {
    const { rows, list } = await readText(file('junit/surefire-CartTest.xml'));
    const settles = rows.find(({ title }) => title === 'settlesAfterErrors')!;
    expect(settles.attempts.map(({ status, rawStatus }) => [status, rawStatus])).toEqual([
      ['failed', 'error'],
      ['failed', 'error'],
      ['passed', undefined],
    ]);
    expect(list.find((item) => 'title' in item && item.title === 'settlesAfterErrors')).toMatchObject({
      attempt: 1,
      willRetry: true,
      error: { message: 'not yet 1', stack: expect.stringContaining('shop.CartTest') as string },
    });
  });

  it('count a test that CTest could not start as failed, as CTest does', async () => {
    const { rows } = await readText(file('junit/ctest.xml'));
    expect(rows.find(({ title }) => title === 'is_missing')).toMatchObject({
      outcome: 'failed',
      error: { message: 'Unable to find executable' },
    });
  });
});
