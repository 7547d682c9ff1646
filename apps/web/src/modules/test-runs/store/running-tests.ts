import type { TestRow } from '@testcast/contracts';

export interface RunningTest {
  readonly testKey: string;
  readonly title: string;
  readonly worker: string | undefined;
  readonly startedAt: number | undefined;
}

/** What each shard runs at the moment. */
export class RunningTests {
  private readonly rows = new Map<string, TestRow>();

  update(row: TestRow): void {
    if (row.running) this.rows.set(row.testKey, row);
    else this.rows.delete(row.testKey);
  }

  clear(): void {
    this.rows.clear();
  }

  /** By shardId and rerun (`shardKey`), those first that have run longest. */
  byShard(): Map<string, RunningTest[]> {
    const shards = new Map<string, RunningTest[]>();
    for (const { testKey, title, attempts } of this.rows.values()) {
      for (const { status, shardId, rerun, worker, startedAt } of attempts) {
        if (status !== undefined) continue;
        const key = shardKey({ shardId, rerun });
        const tests = shards.get(key) ?? [];
        tests.push({ testKey, title, worker, startedAt });
        shards.set(key, tests);
      }
    }
    for (const tests of shards.values()) tests.sort((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0));
    return shards;
  }
}

export function shardKey({ shardId, rerun }: { shardId: string; rerun: number }): string {
  return `${rerun}/${shardId}`;
}
