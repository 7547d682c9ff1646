import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { readReport } from './read-report.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const mib = 1024 * 1024;

/** A report of about `size` bytes, made while it is read. */
async function* generated(size: number, begin: string, element: (n: number) => string, end: string) {
  yield Buffer.from(begin);
  for (let n = 0, bytes = 0; bytes < size;) {
    let chunk = '';
    while (chunk.length < 64 * 1024) chunk += element(n++);
    bytes += chunk.length;
    yield Buffer.from(chunk);
  }
  yield Buffer.from(end);
}

const trace = 'at shop.Cart.add(Cart.java:12)\n'.repeat(20);
const junitCase = (n: number) =>
  `<testcase classname="shop.Cart${n % 1000}" name="adds ${n}" time="0.01">${n % 10 === 0 ? `<failure message="no">${trace}</failure>` : ''}</testcase>\n`;
const ctrfTest = (n: number) =>
  `${n === 0 ? '' : ','}${JSON.stringify({ name: `adds ${n}`, status: n % 10 === 0 ? 'failed' : 'passed', duration: 1, filePath: `t/${n % 1000}.ts`, trace: n % 10 === 0 ? trace : undefined })}`;

/** What is alive after each eighth of a report, in MiB. */
async function aliveWhileReading(size: number, chunks: AsyncIterable<Uint8Array>): Promise<number[]> {
  const alive: number[] = [];
  let bytes = 0;
  async function* watched() {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > ((alive.length + 1) * size) / 8) {
        collect();
        const { heapUsed, external } = process.memoryUsage();
        alive.push((heapUsed + external) / mib);
      }
      yield chunk;
    }
  }
  for await (const items of readReport(watched(), { digest: 'd', receivedAt: 1_800_000_000_000 })) items.length = 0;
  return alive;
}

const size = Number(process.env['REPORT_MIB'] ?? 32) * mib;

describe('memory while a report is read', () => {
  it.each<[string, AsyncIterable<Uint8Array>, number]>([
    ['JUnit XML', generated(size, '<testsuites><testsuite name="shop">', junitCase, '</testsuite></testsuites>'), 24],
    ['CTRF', generated(size, '{"results":{"tests":[', ctrfTest, ']}}'), 24],
    [
      'one text',
      generated(
        size,
        '<testsuite><testcase name="a"><failure>',
        () => 'x'.repeat(65_536),
        '</failure></testcase></testsuite>',
      ),
      12,
    ],
    [
      'one attribute',
      generated(
        size,
        '<testsuite><testcase name="a"><failure message="',
        () => 'x'.repeat(65_536),
        '"/></testcase></testsuite>',
      ),
      12,
    ],
    ['one comment', generated(size, '<testsuite><!--', () => 'x'.repeat(65_536), '--></testsuite>'), 12],
    [
      'one string',
      generated(size, '{"results":{"tests":[{"name":"a","message":"', () => 'x'.repeat(65_536), '"}]}}'),
      12,
    ],
    ['one number', generated(size, '{"results":{"tests":[{"name":"a","line":', () => '1'.repeat(65_536), '}]}}'), 12],
    [
      'one list of output',
      generated(size, '{"results":{"tests":[{"name":"a","stdout":[""', () => ',"out"'.repeat(10_000), ']}]}}'),
      12,
    ],
  ])(
    'stays flat: %s',
    async (_, chunks, growth) => {
      const alive = await aliveWhileReading(size, chunks);
      expect(alive.length).toBeGreaterThanOrEqual(7);
      // Names are remembered, at 24 to 48 bytes each; of a value that is cut while it comes up to 256 KiB are, as a rope of
      // single characters. The rest is gone as soon as it is handed on.
      expect(Math.max(...alive) - alive[0]!).toBeLessThan(growth);
    },
    120_000,
  );
});
