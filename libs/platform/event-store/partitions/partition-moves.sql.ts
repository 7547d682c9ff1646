import type { MoveKind, PartitionMove } from './partition-move.ts';

export interface MoveRow {
  readonly id: string;
  readonly kind: MoveKind;
  readonly partition_id: number;
  readonly slots: number[];
  readonly targets: number[];
  readonly rows_total: string;
  readonly rows_moved: string;
}

export const moveOf = (row: MoveRow): PartitionMove => ({
  id: row.id,
  kind: row.kind,
  partition: row.partition_id,
  slots: row.slots,
  targets: row.targets,
  rowsTotal: Number(row.rows_total),
  rowsMoved: Number(row.rows_moved),
});

const columns = 'id, kind, partition_id, slots, targets, rows_total, rows_moved';

/** The move that was begun and not finished; at most one. */
export const findUnfinishedMove = `select ${columns} from partition_moves where finished_at is null`;

/** $1 kind, $2 partition, $3 slots, $4 their targets. */
export const beginMove = `
insert into partition_moves (kind, partition_id, slots, targets)
values ($1, $2, $3::smallint[], $4::smallint[]) returning ${columns}`;

/** $1 id, $2 rows. */
export const countMovedRows = 'update partition_moves set rows_moved = rows_moved + $2 where id = $1';

/** $1 id. */
export const finishMove = 'update partition_moves set finished_at = clock_timestamp() where id = $1';
