import { expect, it } from 'vitest';
import { parseBatch } from './report-batch.ts';

const started = { kind: 'shard.started', at: 1, shardId: 's', total: 3 };

it.each([
  'javascript:alert(document.cookie)',
  'JaVaScRiPt:alert(1)',
  ' javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x',
  'file:///etc/passwd',
  'not a url',
  `https://ci.example/${'x'.repeat(2000)}`,
  7,
  null,
])('a shard that announces itself with %j for its job is announced without it', (jobUrl) => {
  const { shardStarts, rejected } = parseBatch([{ ...started, jobUrl }]);
  expect(rejected).toEqual([]);
  expect(shardStarts).toEqual([{ index: 0, item: started, leftOut: ['jobUrl'] }]);
});

it.each(['http://ci.local/1', 'https://ci.example/acme/shop/-/jobs/5#L3'])('%s is kept', (jobUrl) => {
  const { shardStarts } = parseBatch([{ ...started, jobUrl }]);
  expect(shardStarts).toEqual([{ index: 0, item: { ...started, jobUrl } }]);
});

it('what else is wrong with the announcement still refuses it', () => {
  const { rejected } = parseBatch([{ ...started, total: 0, jobUrl: 'javascript:1' }]);
  expect(rejected).toMatchObject([{ index: 0, error: { details: { issues: [{ path: 'total' }] } } }]);
});
