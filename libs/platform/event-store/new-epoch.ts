import type { DataSource } from 'typeorm';
import { beginEpoch, epochName } from './heads.sql.ts';
import { OperatorSession } from './partitions/operator-session.ts';

export interface EpochChange {
  readonly before: string;
  readonly after: string;
}

interface EpochRow {
  readonly n: number;
  readonly epoch: string;
}

const newest = `select n, ${epochName} as epoch from store_epochs order by n desc limit 1`;

/** The name of the epoch that the log is in, by its own account. */
export async function currentEpoch(dataSource: DataSource): Promise<string> {
  const [row] = await dataSource.query<EpochRow[]>(newest);
  if (row === undefined) throw new Error('the store has no epoch: was it migrated?');
  return row.epoch;
}

/**
 * Begins an epoch at the log's heads, for a restore that nobody can tell from the log before it: a copy of files keeps the
 * timeline. Whoever reads heads or appends takes it for another history from then on.
 */
export function beginNewEpoch(dataSource: DataSource): Promise<EpochChange> {
  return OperatorSession.hold(dataSource, (session) =>
    session.transaction(async () => {
      // Before it is known which one is the newest: else one that begins meanwhile would be told as ours.
      await session.run('select from slots order by slot for update');
      const [before] = await session.query<EpochRow>(newest);
      if (before === undefined) throw new Error('the store has no epoch: was it migrated?');
      const { text, values } = beginEpoch(before.n);
      await session.query(text, values);
      const [after] = await session.query<EpochRow>(newest);
      return { before: before.epoch, after: after!.epoch };
    }),
  );
}
