import { setTimeout as delay } from 'node:timers/promises';
import { byIndex, chunk, hasRowsOfSlot, type MovedRow, moveRows } from './move-rows.sql.ts';
import type { OperatorSession } from './operator-session.ts';
import type { MoveStep, OnMoveProgress, PartitionMove } from './partition-move.ts';
import { countMovedRows, findUnfinishedMove, finishMove, moveOf, type MoveRow } from './partition-moves.sql.ts';
import { PartitionTables } from './partition-tables.ts';
import { flipSlots, isMapped, listMovingSlots, lockSlots, settleSlot } from './slot-map.sql.ts';
import { patiently } from './patiently.ts';

/** Slots whose locks are held together: each is had after one batch of appends, and the first waits for the last. */
const slotsAtOnce = 16;

interface MovingSlot {
  readonly slot: number;
  readonly source: number;
  readonly target: number;
}

/**
 * Carries out one move, step by step. Every step is done or not, and looks before it does anything, so that it does not
 * matter where an earlier operator was stopped.
 */
export class PartitionMover {
  private readonly tables: PartitionTables;
  private rowsMoved: number;

  constructor(
    private readonly session: OperatorSession,
    private move: PartitionMove,
    private readonly onProgress: OnMoveProgress,
    private readonly chunkRows = chunk.rows,
  ) {
    this.tables = new PartitionTables(session);
    this.rowsMoved = move.rowsMoved;
  }

  async carryOut(): Promise<PartitionMove> {
    await this.session.run(byIndex);
    await this.attachTargets();
    await this.flip();
    for (const slot of await this.session.query<MovingSlot>(listMovingSlots)) await this.moveSlot(slot);
    if (this.move.kind === 'drain') await this.drop(this.move.partition);
    await this.session.query(finishMove, [this.move.id]);
    await this.tell('finished');
    return { ...this.move, rowsMoved: this.rowsMoved };
  }

  private async attachTargets(): Promise<void> {
    for (const partition of new Set(this.move.targets)) await this.tables.attach(partition);
    await this.tell('attached');
  }

  private async flip(): Promise<void> {
    const { id, slots, targets } = this.move;
    for (let from = 0; from < slots.length; from += slotsAtOnce) {
      const [some, theirs] = [slots.slice(from, from + slotsAtOnce), targets.slice(from, from + slotsAtOnce)];
      await patiently(() =>
        this.session.transaction(async () => {
          // Appends queue behind whatever waits for a slot: rather give way and come again.
          await this.session.run(`set local lock_timeout = '150ms'`);
          await this.session.query(lockSlots, [some]);
          await this.session.query(flipSlots, [some, theirs, id]);
        }),
      );
    }
    // The flip has counted the rows that are to be moved.
    const [row] = await this.session.query<MoveRow>(findUnfinishedMove);
    this.move = moveOf(row!);
    await this.tell('flipped');
  }

  private async moveSlot({ slot, source, target }: MovingSlot): Promise<void> {
    for (let after = 0; ;) {
      const began = performance.now();
      const { rows, last } = await this.moveChunk(slot, source, target, after);
      if (rows > 0) {
        after = Number(last);
        this.rowsMoved += rows;
        await this.tell('moved');
      }
      if (rows < this.chunkRows && (await this.isEmpty(slot, source))) break;
      // The log's disk and the cores are as long the appends' as they were ours.
      await delay(performance.now() - began);
      if (rows === 0) after = 0;
    }
    // Nothing comes after the last row: since the flip everything has been appended to the other table.
    await this.session.query(settleSlot, [slot, source]);
    await this.tell('settled');
  }

  /**
   * The rows change their table while nobody appends to the slot. An append looks for ids that it may know in one table,
   * then in the other: rows that moved in between it would find in neither, and store again. The lock is taken last and
   * the commit waits for no disk, so it is held for no more than a round trip; a crash that loses the chunk loses all of it.
   */
  private moveChunk(slot: number, source: number, target: number, after: number): Promise<MovedRow> {
    return this.session.transaction(async () => {
      await this.session.run('set local synchronous_commit = off');
      const values = [slot, after, this.chunkRows];
      const [moved] = await this.session.query<MovedRow>(moveRows(source, target), values);
      if (moved!.rows > 0) {
        await this.session.query(countMovedRows, [this.move.id, moved!.rows]);
        await this.session.query(lockSlots, [[slot]]);
      }
      return moved!;
    });
  }

  private async isEmpty(slot: number, source: number): Promise<boolean> {
    const [row] = await this.session.query<{ found: boolean }>(hasRowsOfSlot(source), [slot]);
    return row?.found === false;
  }

  private async drop(partition: number): Promise<void> {
    const [row] = await this.session.query<{ found: boolean }>(isMapped, [partition]);
    if (row?.found !== false) throw new Error(`partition ${partition} still has slots`);
    await this.tables.detach(partition);
    await this.tell('detached');
    await this.tables.drop(partition);
    await this.tell('dropped');
  }

  private async tell(step: MoveStep): Promise<void> {
    await this.onProgress({ move: this.move, step, rowsMoved: this.rowsMoved });
  }
}
