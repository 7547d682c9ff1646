import { limits, type RunSummary, type ShardSummary } from '@testcast/contracts';
import { expect, it } from 'vitest';
import { shardBytesAlone, shardBytesInList, withFewerShards } from './with-fewer-shards.ts';

const shard = (at: number, more: Partial<ShardSummary> = {}): ShardSummary => ({
  shardId: `shard-${at}`,
  rerun: 1,
  variant: '',
  status: 'finished',
  startedAt: at,
  finishedAt: at + 1,
  ...more,
});
const summaryOf = (shards: ShardSummary[]): RunSummary => ({
  projectId: 'shop',
  runId: 'r',
  status: 'running',
  failing: false,
  implicit: false,
  counts: { tests: 0, passed: 0, failed: 0, flaky: 0, skipped: 0, pending: 0, attempts: 0 },
  complete: false,
  shards,
  startedAt: 0,
  lastEventAt: 0,
  version: 1,
});
/** More are refused. */
const maxShards = 2000;
const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

it('a run of as many shards as there may be fits in a frame, whatever they say', () => {
  const long = { variant: '\u0001'.repeat(200), jobUrl: `https://ci.example/${'é'.repeat(1900)}` };
  const shards = Array.from({ length: maxShards }, (_, at) => shard(at, { ...long, shardId: 's'.repeat(128) }));
  const description = { environment: { key: 'x'.repeat(limits.itemBytes - 30) } };
  for (const maxBytes of [shardBytesAlone, shardBytesInList]) {
    const shown = withFewerShards({ ...summaryOf(shards), ...description }, maxBytes);
    expect(bytesOf(shown.shards)).toBeLessThanOrEqual(maxBytes);
    expect(shown.shards.length + shown.shardsLeftOut!).toBe(maxShards);
    expect(bytesOf(shown)).toBeLessThan(limits.serverFrameBytes - 2048);
  }
});

it('those that run are kept first, then the latest, in the order in which they came', () => {
  const running = [3, 40, 900];
  const shards = Array.from({ length: 1000 }, (_, at) => shard(at, running.includes(at) ? { status: 'running' } : {}));
  const shown = withFewerShards(summaryOf(shards), 1000).shards.map(({ startedAt }) => startedAt);
  expect(shown).toEqual([3, 40, 900, ...Array.from({ length: shown.length - 3 }, (_, at) => 1003 - shown.length + at)]);
  expect(shown.length).toBeGreaterThan(5);
});

it('a run whose shards fit is shown as it is', () => {
  const summary = summaryOf(Array.from({ length: 40 }, (_, at) => shard(at)));
  expect(withFewerShards(summary, shardBytesInList)).toBe(summary);
});
