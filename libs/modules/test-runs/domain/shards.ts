/** Executions of shards in a run. Bounds what every load of it folds; the largest CI matrices have a few hundred jobs. */
export const maxShards = 2000;

/** What the end of a run depends on: one entry for each (rerun, shardId). */
export interface ShardProgress {
  readonly shardId: string;
  readonly rerun: number;
  readonly total?: number | undefined;
  /** `shard.started` has been seen. */
  readonly announced: boolean;
  readonly finished: boolean;
}

/** Of each shard its last execution: a rerun stands for the job that it repeats, also for one that died. */
export function latestOfEachShard<S extends { shardId: string; rerun: number }>(shards: Iterable<S>): S[] {
  const latest = new Map<string, S>();
  for (const shard of shards) {
    const known = latest.get(shard.shardId);
    if (known === undefined || shard.rerun > known.rerun) latest.set(shard.shardId, shard);
  }
  return [...latest.values()];
}

/**
 * How many shards the run says to have; undefined when no shard said. The newest rerun counts, since a pipeline may be
 * run again with another number of jobs, and of those that disagree the highest, so that the run is not ended too early.
 */
export function totalOfShards(shards: Iterable<ShardProgress>): number | undefined {
  let newest: ShardProgress | undefined;
  for (const shard of shards) {
    if (shard.total === undefined) continue;
    if (newest === undefined || shard.rerun > newest.rerun) newest = shard;
    else if (shard.rerun === newest.rerun && shard.total > newest.total!) newest = shard;
  }
  return newest?.total;
}

/** Whether some shard is open, or fewer have come than `total` says. */
export function someShardIsMissing(shards: readonly ShardProgress[]): boolean {
  const latest = latestOfEachShard(shards);
  return latest.some(({ finished }) => !finished) || latest.length < (totalOfShards(shards) ?? 0);
}

/**
 * Whether the last shard has finished, which ends the run. Only shards that announced themselves end it: senders that
 * tell finishes alone would end the run with the first of them.
 */
export function allShardsHaveFinished(shards: readonly ShardProgress[]): boolean {
  const latest = latestOfEachShard(shards);
  return latest.length > 0 && latest.every(({ announced }) => announced) && !someShardIsMissing(shards);
}

/** Tests that each shard said to have; the most that it said, since a rerun of its failures expects fewer. */
export function expectedOfShards(
  shards: readonly { shardId: string; expectedTests?: number | undefined }[],
): Map<string, number> {
  const expected = new Map<string, number>();
  for (const { shardId, expectedTests } of shards) {
    if (expectedTests !== undefined) expected.set(shardId, Math.max(expectedTests, expected.get(shardId) ?? 0));
  }
  return expected;
}
