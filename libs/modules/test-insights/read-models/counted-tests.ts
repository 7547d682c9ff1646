import type { EntityManager } from 'typeorm';
import { runPrepared } from '#platform/database';
import { type CountedTest, contributionOf, withAttempt } from '../domain/counted-test.ts';
import type { TrendDeltas } from '../domain/trend-deltas.ts';
import type { AttemptSeen } from './attempts-of-batch.ts';
import { columnsOf } from './columns.ts';
import { selectTests, upsertTests } from './trend-tests.sql.ts';

interface TestId {
  readonly projectId: string;
  readonly runId: string;
  readonly testKey: string;
}
type CountedTestRow = TestId & Omit<CountedTest, 'countedAt'> & { readonly countedAt: number | null };

const keyOf = ({ projectId, runId, testKey }: TestId): string => `${projectId}/${runId}/${testKey}`;

/** Folds finished attempts into the rows of their tests; what that changes in the roll-ups goes to `deltas`. */
export async function countTests(
  tx: EntityManager,
  table: string,
  seen: readonly AttemptSeen[],
  deltas: TrendDeltas,
): Promise<void> {
  const finished = seen.filter((attempt) => attempt.finished !== undefined);
  if (finished.length === 0) return;
  const ids = [...new Map(finished.map((attempt) => [keyOf(attempt), attempt])).values()];
  const tests = await load(tx, table, ids);
  for (const attempt of finished) {
    const key = keyOf(attempt);
    const before = tests.get(key);
    const after = withAttempt(before, attempt.finished!);
    tests.set(key, after);
    deltas.attempt(attempt.projectId, attempt.at);
    deltas.correct(attempt.projectId, contributionOf(before), contributionOf(after));
  }
  const records = ids.map((id) => recordOf(id, tests.get(keyOf(id))!));
  await runPrepared(tx.queryRunner!, upsertTests(table), columnsOf(records));
}

async function load(tx: EntityManager, table: string, ids: readonly TestId[]): Promise<Map<string, CountedTest>> {
  const keys = columnsOf(ids.map(({ projectId, runId, testKey }) => [projectId, runId, testKey]));
  const rows = await runPrepared<CountedTestRow>(tx.queryRunner!, selectTests(table), keys);
  return new Map(rows.map((row) => [keyOf(row), { ...row, countedAt: row.countedAt ?? undefined }]));
}

/** In the order of `upsertTests`. */
function recordOf({ projectId, runId, testKey }: TestId, test: CountedTest): unknown[] {
  const { rerun, attempt, status, durationMs, failed, interrupted, countedAt } = test;
  return [projectId, runId, testKey, rerun, attempt, status, durationMs, failed, interrupted, countedAt ?? null];
}
