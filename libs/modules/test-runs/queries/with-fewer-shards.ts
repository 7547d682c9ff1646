import type { RunSummary, ShardSummary } from '@testcast/contracts';

/** Bytes of a run's shards where it is shown alone: with a description of 64 KiB the row still fits in a frame of 256. */
export const shardBytesAlone = 96 * 1024;
/** The same where many runs stand in a list, of which none shows its shards. */
export const shardBytesInList = 8 * 1024;

/** More than any shard has: a link of 2,000 characters, a variant of 200, two ids. */
const mostBytes = 10 * 1024;

/**
 * The summary with as many of its shards as fit, and how many are left out: `GET R` has them all. Running ones are shown
 * before finished ones, the latest first, since they are what somebody watches; their order is kept.
 */
export function withFewerShards(summary: RunSummary, maxBytes: number): RunSummary {
  const { shards } = summary;
  if (shards.length * mostBytes <= maxBytes || bytesOf(shards) <= maxBytes) return summary;
  const shown = new Set<ShardSummary>();
  let bytes = 0;
  for (const shard of byInterest(shards)) {
    bytes += bytesOf(shard) + 1;
    if (bytes > maxBytes) break;
    shown.add(shard);
  }
  return {
    ...summary,
    shards: shards.filter((shard) => shown.has(shard)),
    shardsLeftOut: shards.length - shown.size,
  };
}

function byInterest(shards: readonly ShardSummary[]): ShardSummary[] {
  const isRunning = ({ status }: ShardSummary): number => Number(status === 'running');
  return shards.toReversed().sort((a, b) => isRunning(b) - isRunning(a) || b.startedAt - a.startedAt);
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
