import type { ClusterMove, ClusterMoveReason } from '@testcast/contracts';
import type { DataSource } from 'typeorm';
import { lockLead } from './leader-lease.sql.ts';
import {
  beginMoves,
  endMove,
  expireMoves,
  insertMoves,
  pruneMoves,
  readOpenMoves,
  readRecentMoves,
  reportMove,
} from './move-orders.sql.ts';
import type { PlannedMove } from './distribution.ts';

/** An order that nobody has begun by then is of another state of the cluster. */
const beginWithinMs = 30_000;
/** Ten seconds for asking, thirty for going, and as long again for a giver that is slow to say so. */
const endWithinMs = 80_000;
const [keptMoves, keptDays] = [1000, 30];

export type MoveProgress = Pick<ClusterMove, 'moved' | 'failed'>;
type MoveRow = { readonly [K in keyof ClusterMove]: ClusterMove[K] | null };

/** What one server has ordered others to move: rows, each under the fence of who decided it. */
export class MoveOrders {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Writes what `plan` makes of the orders that are open. One at a time over all servers, so that two that decide at once
   * do not both count on the same room.
   *
   * @param fence of the leader; undefined for what an admin orders by hand, which any server may write
   * @returns the orders written; undefined when the fence is not the one of the day: somebody else decides
   */
  async place(
    fence: number | undefined,
    reason: ClusterMoveReason,
    plan: (open: readonly ClusterMove[]) => readonly PlannedMove[],
  ): Promise<ClusterMove[] | undefined> {
    return this.dataSource.transaction(async (transaction) => {
      const [lead] = await transaction.query<{ fence: number }[]>(lockLead, [fence ?? null]);
      if (lead === undefined) return undefined;
      const planned = plan((await transaction.query<MoveRow[]>(readOpenMoves)).map(moveOf));
      if (planned.length === 0) return [];
      const rows = await transaction.query<MoveRow[]>(insertMoves, [
        lead.fence,
        reason,
        planned.map(({ from }) => from),
        planned.map(({ to }) => to),
        planned.map(({ connections }) => connections),
      ]);
      return rows.map(moveOf);
    });
  }

  async open(): Promise<ClusterMove[]> {
    return (await this.dataSource.query<MoveRow[]>(readOpenMoves)).map(moveOf);
  }

  /** The newest first. */
  async recent(limit: number): Promise<ClusterMove[]> {
    return (await this.dataSource.query<MoveRow[]>(readRecentMoves, [limit])).map(moveOf);
  }

  /** Takes up the orders of a giver, each once. Those whose leader was followed by another are left alone. */
  async begin(serverId: string): Promise<ClusterMove[]> {
    return (await this.returned(beginMoves, [serverId])).map(moveOf);
  }

  async report(id: string, { moved, failed }: MoveProgress): Promise<void> {
    await this.dataSource.query(reportMove, [id, moved, failed]);
  }

  async end(id: string, { moved, failed }: MoveProgress, problem?: string): Promise<void> {
    const state = problem === undefined ? 'done' : 'failed';
    await this.dataSource.query(endMove, [id, state, moved, failed, problem?.slice(0, 500) ?? null]);
  }

  /** Ends what nobody carries out, and forgets what is old. */
  async sweep(): Promise<void> {
    await this.dataSource.query(expireMoves, [beginWithinMs, endWithinMs]);
    await this.dataSource.query(pruneMoves, [keptMoves, keptDays]);
  }

  private async returned(statement: string, parameters: unknown[]): Promise<MoveRow[]> {
    const [rows] = await this.dataSource.query<[MoveRow[], number]>(statement, parameters);
    return rows;
  }
}

/** A column that is null is a field that is not there. */
function moveOf(row: MoveRow): ClusterMove {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as ClusterMove;
}
