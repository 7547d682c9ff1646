import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readText } from './read-text.fixture.ts';

const text = fc.string({
  unit: fc.constantFrom('a', ' ', 'é', '🛒', '\n', '"', '<', '&', ']', '>', '\\', '\u001b'),
  maxLength: 12,
});
const test = fc.record({
  name: text,
  suite: text,
  status: fc.constantFrom('passed', 'failed', 'skipped'),
  retries: fc.integer({ min: 0, max: 2 }),
  message: text,
  output: text,
});
type Test = (typeof test)['generate'] extends (...args: never[]) => { value: infer T } ? T : never;

const escaped = (value: string) =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll('\n', '&#10;');
const cdata = (value: string) => `<![CDATA[${value.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;

function junit(tests: readonly Test[]): string {
  const cases = tests.map(({ name, suite, status, retries, message, output }) => {
    const flaky = '<flakyFailure message="x"/>'.repeat(status === 'passed' ? retries : 0);
    const verdict = {
      passed: '',
      skipped: '<skipped/>',
      failed: `<failure message="${escaped(message)}">${cdata(message)}</failure>`,
    }[status];
    const inside = `<testcase name="${escaped(name)}" time="1,5">${flaky}${verdict}<system-out>${cdata(output)}</system-out></testcase>`;
    return `<testsuite name="${escaped(suite)}"><!-- - -->${inside}</testsuite>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>${cases.join('\n')}</testsuites>`;
}

function ctrf(tests: readonly Test[]): string {
  const elements = tests.map(({ output, ...said }) => ({
    ...said,
    duration: 1.5,
    stdout: [output],
    extra: { any: [1, null] },
  }));
  return JSON.stringify({ results: { summary: { tests: tests.length }, tests: elements } });
}

const documents = fc
  .tuple(
    fc.constantFrom(junit, ctrf),
    fc.array(test, { minLength: 1, maxLength: 4 }),
    fc.constantFrom('', '\n', '\n \n'),
  )
  .map(([write, tests, end]) => ({ bytes: Buffer.from(write(tests)), end: Buffer.from(end) }));

describe('a report', () => {
  it('that is cut off at any byte is refused, unless only blanks are missing', async () => {
    await fc.assert(
      fc.asyncProperty(documents, fc.nat(), async ({ bytes, end }, n) => {
        const whole = Buffer.concat([bytes, end]);
        const at = n % whole.length;
        const found = await readText(whole.subarray(0, at)).catch(({ code }: { code: string }) => code);
        expect(found).toEqual(at < bytes.length ? 'report.truncated' : await readText(whole));
      }),
      { numRuns: 300 },
    );
  });

  it('gives the same items however it is cut into pieces', async () => {
    await fc.assert(
      fc.asyncProperty(documents, fc.integer({ min: 1, max: 40 }), async ({ bytes }, chunk) => {
        expect(await readText(bytes, { chunk })).toEqual(await readText(bytes));
      }),
      { numRuns: 100 },
    );
  });
});
