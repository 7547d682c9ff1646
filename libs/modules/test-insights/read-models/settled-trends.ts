import { runPrepared } from '#platform/database';
import type { ProjectionContext } from '#platform/messaging';
import type { AttemptSeen } from './attempts-of-batch.ts';
import { selectSettled, selectSettledSlots } from './trend-settled.sql.ts';

/** Attempts of a batch of which buckets change alike. */
export interface AttemptsAlike {
  readonly attempts: readonly AttemptSeen[];
  /** Of projects the moment before which buckets have these attempts already. */
  readonly settled: ReadonlyMap<string, number>;
}

/**
 * Parts the attempts that a build which is being filled has in what it took over from those that came later, in the order
 * in which they are to be applied: a run is in one slot, and what is in came first.
 */
export async function attemptsBySettled(
  { tx, table, filling }: ProjectionContext,
  seen: readonly AttemptSeen[],
): Promise<AttemptsAlike[]> {
  const all = [{ attempts: seen, settled: new Map<string, number>() }];
  if (seen.length === 0) return [];
  // One that is live was past all that it took over before it became so.
  if (filling !== true) return all;
  const projects = [...new Set(seen.map(({ projectId }) => projectId))];
  const rows = await runPrepared<{ projectId: string; since: number }>(
    tx.queryRunner!,
    selectSettled(table('trend_settled')),
    [projects],
  );
  if (rows.length === 0) return all;
  const settled = new Map(rows.map(({ projectId, since }) => [projectId, since]));
  const read = await runPrepared<{ slot: number; position: number }>(
    tx.queryRunner!,
    selectSettledSlots(table('trend_settled_slots')),
    [[...new Set(seen.map(({ slot }) => slot))]],
  );
  const upTo = new Map(read.map(({ slot, position }) => [slot, position]));
  const isIn = ({ slot, position }: AttemptSeen): boolean => position <= (upTo.get(slot) ?? 0);
  return [
    { attempts: seen.filter(isIn), settled },
    { attempts: seen.filter((attempt) => !isIn(attempt)), settled: new Map<string, number>() },
  ].filter(({ attempts }) => attempts.length > 0);
}
