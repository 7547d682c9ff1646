import type { EntityManager } from 'typeorm';
import { runPrepared } from '#platform/database';
import type { TrendDeltas } from '../domain/trend-deltas.ts';
import { busyMinutes, newMinutes } from '../domain/worker-minutes.ts';
import type { AttemptSeen } from './attempts-of-batch.ts';
import { columnsOf } from './columns.ts';
import { selectWorkers, upsertWorkers } from './trend-workers.sql.ts';

interface WorkerHour {
  readonly projectId: string;
  readonly runId: string;
  readonly workerKey: string;
  /** Epoch milliseconds. */
  readonly hour: number;
  minutes: bigint;
}

const keyOf = ({ projectId, runId, workerKey, hour }: Omit<WorkerHour, 'minutes'>): string =>
  `${projectId}/${runId}/${workerKey}/${hour}`;

/** Notes in which minutes the workers of these attempts were busy; what nobody knew of goes to `deltas`. */
export async function countWorkers(
  tx: EntityManager,
  table: string,
  seen: readonly AttemptSeen[],
  deltas: TrendDeltas,
): Promise<void> {
  const hours = hoursOf(seen);
  const ids = hours.map(({ projectId, runId, workerKey, hour }) => [projectId, runId, workerKey, hour]);
  const rows = await runPrepared<Omit<WorkerHour, 'minutes'> & { minutes: string }>(
    tx.queryRunner!,
    selectWorkers(table),
    columnsOf(ids),
  );
  const known = new Map(rows.map((row) => [keyOf(row), BigInt(row.minutes)]));
  const changed = hours.filter((worker) => {
    const before = known.get(keyOf(worker)) ?? 0n;
    const fresh = newMinutes(worker.hour, before, worker.minutes);
    if (before === 0n) deltas.worker(worker.projectId, worker.hour, 'hour');
    for (const minute of fresh) deltas.worker(worker.projectId, minute, 'minute');
    worker.minutes |= before;
    return fresh.length > 0;
  });
  if (changed.length === 0) return;
  const records = changed.map(({ projectId, runId, workerKey, hour, minutes }) => {
    return [projectId, runId, workerKey, hour, minutes.toString()];
  });
  await runPrepared(tx.queryRunner!, upsertWorkers(table), columnsOf(records));
}

function hoursOf(seen: readonly AttemptSeen[]): WorkerHour[] {
  const hours = new Map<string, WorkerHour>();
  for (const { projectId, runId, workerKey, at, finished } of seen) {
    for (const [hour, minutes] of busyMinutes(at, finished?.durationMs ?? 0)) {
      const worker = { projectId, runId, workerKey, hour, minutes };
      const known = hours.get(keyOf(worker));
      if (known === undefined) hours.set(keyOf(worker), worker);
      else known.minutes |= minutes;
    }
  }
  return [...hours.values()];
}
