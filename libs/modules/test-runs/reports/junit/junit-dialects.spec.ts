import { describe, expect, it } from 'vitest';
import { readText, receivedAt } from '../format/read-text.fixture.ts';

const suite = (inside: string, attributes = '') => `<testsuite name="cart" ${attributes}>${inside}</testsuite>`;
const failure = '<failure message="no"/>';

describe('JUnit dialects', () => {
  it.each<[string, string, string[]]>([
    ['a root around suites', `<testsuites>${suite('<testcase name="a"/>')}</testsuites>`, ['cart > a: passed']],
    ['a bare suite', suite('<testcase name="a"/>'), ['cart > a: passed']],
    ['suites in suites', suite('<testsuite name="adds"><testcase name="a"/></testsuite>'), ['cart > adds > a: passed']],
    ['a run of Eclipse', `<testrun name="x">${suite('<testcase name="a"/>')}</testrun>`, ['cart > a: passed']],
    ['no suite at all', '<testsuites/>', []],
    [
      'a prefix',
      '<j:testsuite xmlns:j="urn:j" name="cart"><j:testcase name="a"><j:failure/></j:testcase></j:testsuite>',
      ['cart > a: failed'],
    ],
    ['class for classname', suite('<testcase class="shop.Cart" name="a"/>'), ['shop.Cart::cart > a: passed']],
    [
      'a class called as its suite',
      '<testsuite name="shop.Cart"><testcase classname="shop.Cart" name="a"/></testsuite>',
      ['shop.Cart::a: passed'],
    ],
    ['a file', suite('<testcase file="./t/a.py" classname="t.a" name="a"/>'), ['t/a.py::cart > t.a > a: passed']],
    ['a file of the suite', suite('<testcase name="a"/>', 'file="t\\a.php"'), ['t/a.php::cart > a: passed']],
    ['no names', '<testsuite><testcase/></testsuite>', ['(no name): passed']],
    ['a class and no name', '<testsuite><testcase classname="shop.Cart" name=""/></testsuite>', ['shop.Cart: passed']],
    ['a failure', suite(`<testcase name="a">${failure}</testcase>`), ['cart > a: failed']],
    ['an error', suite('<testcase name="a"><error/></testcase>'), ['cart > a: failed']],
    ['skipped', suite('<testcase name="a"><skipped/></testcase>'), ['cart > a: skipped']],
    ['skipped and failed', suite(`<testcase name="a"><skipped/>${failure}</testcase>`), ['cart > a: failed']],
    [
      'an expected failure of pytest',
      suite('<testcase name="a"><skipped type="pytest.xfail"/></testcase>'),
      ['cart > a: passed'],
    ],
    ['disabled by status', suite('<testcase name="a" status="disabled"/>'), ['cart > a: skipped']],
    ['not run by status', suite('<testcase name="a" status="notrun"/>'), ['cart > a: skipped']],
    ['failed by status', suite('<testcase name="a" status="FAILED"/>'), ['cart > a: failed']],
    ['failed by result', suite('<testcase name="a" status="run" result="Failure"/>'), ['cart > a: failed']],
    [
      'run and completed, with a failure',
      suite(`<testcase name="a" status="run" result="completed">${failure}</testcase>`),
      ['cart > a: failed'],
    ],
    ['timed out by status', suite('<testcase name="a" status="timeout"/>'), ['cart > a: failed']],
    ['aborted by status', suite('<testcase name="a" status="aborted"/>'), ['cart > a: pending']],
    ['success="false"', suite('<testcase name="a" success="false"/>'), ['cart > a: failed']],
    ['executed="false"', suite('<testcase name="a" executed="false"/>'), ['cart > a: skipped']],
    ['a status that nobody knows', suite('<testcase name="a" status="sideways"/>'), ['cart > a: failed']],
    [
      'a status that says passed over a failure',
      suite(`<testcase name="a" status="passed">${failure}</testcase>`),
      ['cart > a: failed'],
    ],
    [
      'an unknown element that speaks of failure',
      suite('<testcase name="a"><assertionFailed/></testcase>'),
      ['cart > a: failed'],
    ],
    [
      'a failure one element deeper',
      suite(`<testcase name="a"><result>${failure}</result></testcase>`),
      ['cart > a: failed'],
    ],
    ['an unknown element', suite('<testcase name="a"><benchmark/></testcase>'), ['cart > a: passed']],
    [
      'a timeout of nextest',
      suite('<testcase name="a"><failure type="test timeout"/></testcase>'),
      ['cart > a: failed'],
    ],
    ['a flaky failure', suite('<testcase name="a"><flakyFailure/></testcase>'), ['cart > a: flaky']],
    [
      'flaky errors and a failure',
      suite(`<testcase name="a"><flakyError/>${failure}</testcase>`),
      ['cart > a: failed'],
    ],
    [
      'reruns that failed',
      suite(`<testcase name="a">${failure}<rerunFailure/><rerunError/></testcase>`),
      ['cart > a: failed'],
    ],
    [
      'reruns that failed, and nothing else',
      suite('<testcase name="a" status="passed"><rerunFailure/></testcase>'),
      ['cart > a: failed'],
    ],
    [
      'a repeat',
      suite(`<testcase name="a"/><testcase name="a">${failure}</testcase><testcase name="a"/>`),
      ['cart > a: passed', 'cart > a #2: failed', 'cart > a #3: passed'],
    ],
    [
      'a repeat that says it is a retry',
      suite(`<testcase name="a">${failure}</testcase><testcase name="a" retry="1"/>`),
      ['cart > a: flaky'],
    ],
    [
      'a repeat that says which attempt it is',
      suite(`<testcase name="a" attempt="1">${failure}</testcase><testcase name="a" attempt="2"/>`),
      ['cart > a: flaky'],
    ],
    [
      'an error of the suite',
      suite('<error message="no database"/><testcase name="a"/>'),
      ['cart > a: passed', 'cart > (suite): failed'],
    ],
    ['a suite that says it failed and has no test', suite('', 'tests="0" errors="1"'), ['cart > (suite): failed']],
    [
      'markup in output',
      suite('<testcase name="a"><system-out><b>bold</b><failure/></system-out></testcase>'),
      ['cart > a: passed'],
    ],
    [
      'comments and instructions',
      `<?xml version="1.0"?><!-- x --><?pi y?>${suite('<!-- <failure/> --><testcase name="a"/>')}<!-- z -->`,
      ['cart > a: passed'],
    ],
    [
      'entities',
      '<testsuite name="a &amp; b"><testcase name="&lt;&#233;&#x1F6D2;&eacute;&quot;"/></testsuite>',
      ['a & b > <é🛒é": passed'],
    ],
  ])('%s', async (_, text, outcomes) => {
    expect((await readText(text)).outcomes).toEqual(outcomes);
  });

  it('add several failures of one test up to one error', async () => {
    const two = '<failure message="one">at 1</failure><failure message="two">at 2</failure>';
    const { list } = await readText(suite(`<testcase name="a">${two}</testcase>`));
    expect(list).toMatchObject([{ status: 'failed', error: { message: 'one\n(and 1 more)', stack: 'at 1\n\nat 2' } }]);
  });

  it.each<[string, number]>([
    ['0.5', 500],
    ['1e-05', 0],
    ['.25', 250],
    ['0,25', 250],
    ['1,234.5', 1_234_500],
    ['1.234,5', 1_234_500],
    ['1,234,567', 1_234_567_000],
    ['12s', 12_000],
    ['', 0],
    ['-0.001', 0],
    ['NaN', 0],
    ['0:12', 0],
  ])('read a time of "%s" as %i ms', async (time, durationMs) => {
    const { list } = await readText(suite(`<testcase name="a" time="${time}"/>`));
    expect(list).toMatchObject([{ durationMs, status: 'passed' }]);
  });

  it('take the end of a test from its own time, else from its suite and the tests before it, else from the receipt', async () => {
    const at = Date.UTC(2026, 0, 2, 3, 4, 5);
    const own = '<testcase name="c" time="1" timestamp="2026-01-02T04:04:05+01:00"/>';
    const { list } = await readText(
      suite(`<testcase name="a" time="1"/><testcase name="b" time="2"/>${own}`, 'timestamp="2026-01-02T03:04:05"'),
    );
    expect(list.map((item) => item.at)).toEqual([at + 1000, at + 3000, at + 1000]);
    expect((await readText(suite('<testcase name="a"/>', 'timestamp="0001-01-01T00:00:00Z"'))).list[0]!.at).toBe(
      receivedAt,
    );
  });

  it('keep what a test wrote, with the attempt that wrote it', async () => {
    const flaky = '<flakyFailure><stackTrace>at 1</stackTrace><system-out>first</system-out></flakyFailure>';
    const { list } = await readText(
      suite(
        `<testcase name="a">${flaky}<system-out><![CDATA[sec]]>ond</system-out><system-err>!</system-err></testcase>`,
      ),
    );
    expect(list.filter(({ kind }) => kind === 'output')).toMatchObject([
      { testId: 'cart > a', attempt: 1, stream: 'stdout', seq: 0, text: 'first' },
      { testId: 'cart > a', attempt: 2, stream: 'stdout', seq: 0, text: 'second' },
      { testId: 'cart > a', attempt: 2, stream: 'stderr', seq: 0, text: '!' },
    ]);
  });

  it('keep properties as parameters', async () => {
    const properties = '<properties><property name="n" value="1"/><property name="text">long</property></properties>';
    const { list } = await readText(suite(`<testcase name="a">${properties}</testcase>`));
    expect(list).toMatchObject([{ parameters: { n: '1', text: 'long' } }]);
  });

  it('tell of headers that do not add up, and read on', async () => {
    const { problems, outcomes } = await readText(suite('<testcase name="a"/>', 'tests="3" failures="2"'));
    expect(outcomes).toEqual(['cart > a: passed']);
    expect(problems).toEqual([
      {
        line: 1,
        column: expect.any(Number) as number,
        message: 'The suite "cart" says that it has 3 tests, and has 1.',
      },
      {
        line: 1,
        column: expect.any(Number) as number,
        message: 'The suite "cart" says that it has 2 failures and errors, and has 0 failed tests.',
      },
    ]);
  });

  const nested = (tests: number) =>
    suite(
      '<testcase name="a"/><testsuite name="adds" tests="2"><testcase name="b"/><testcase name="c"/></testsuite>',
      `tests="${tests}"`,
    );

  it.each([
    [1, 'its own tests'],
    [2, 'what stands directly inside, as node:test does'],
    [3, 'all tests below'],
  ])('take a header of %i that counts %s', async (tests) => {
    expect((await readText(nested(tests))).problems).toEqual([]);
  });

  it('tell of a header that no way of counting nested suites explains', async () => {
    expect((await readText(nested(4))).problems).toMatchObject([
      { message: 'The suite "cart" says that it has 4 tests, and has 3.' },
    ]);
  });

  it('show a failure that node:test counts in its comments only', async () => {
    const report = (inside: string) => `<testsuites>${inside}<!-- fail 1 --><!-- cancelled 0 --></testsuites>`;
    const { outcomes, list } = await readText(report(suite('<testcase name="a"/>')));
    expect(outcomes).toEqual(['cart > a: passed', '(suite): failed']);
    expect(list.at(-1)).toMatchObject({
      error: { message: 'The report says that 1 of its tests failed, and names none.' },
    });
    expect((await readText(report(suite(`<testcase name="a">${failure}</testcase>`)))).outcomes).toEqual([
      'cart > a: failed',
    ]);
  });

  it('repair characters that XML does not allow, and count them', async () => {
    const { list, problems } = await readText(
      suite('<testcase name="a\u0001"><failure message="\u001b[31mred&#27;[0m &#xFFFF; &nope; a & b"/></testcase>'),
    );
    expect(list).toMatchObject([
      { testId: 'cart > a\ufffd', error: { message: '\u001b[31mred\u001b[0m &#xFFFF; &nope; a & b' } },
    ]);
    expect(problems).toMatchObject([
      { line: 1, message: '6 characters that XML does not allow were repaired; this is the first.' },
    ]);
  });
});

it('attributes with a prefix do not stand in for those without', async () => {
  const text =
    '<testsuite xmlns:x="urn:x" name="s"><testcase x:name="b" x:status="failed" name="a" Name="c"/></testsuite>';
  expect((await readText(text)).outcomes).toEqual(['s > a: passed']);
});
