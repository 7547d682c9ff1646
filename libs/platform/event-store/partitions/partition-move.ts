export type MoveKind = 'split' | 'add' | 'drain';

/** What an operator has begun, as the row in `partition_moves` says it. */
export interface PartitionMove {
  readonly id: string;
  readonly kind: MoveKind;
  /** The partition that is split, added or drained. */
  readonly partition: number;
  readonly slots: readonly number[];
  /** `targets[i]` is where `slots[i]` goes. */
  readonly targets: readonly number[];
  /** Rows that the slots had when the map was flipped; 0 before. */
  readonly rowsTotal: number;
  readonly rowsMoved: number;
}

/** Each is durable when it is told. */
export type MoveStep =
  /** The row in `partition_moves` is there. */
  | 'planned'
  /** The tables that are to take rows are part of the log. */
  | 'attached'
  /** Appends go to the new tables. */
  | 'flipped'
  /** A chunk of old rows is in its new table. */
  | 'moved'
  /** A slot has nothing left in its old table. */
  | 'settled'
  /** The empty table is no longer part of the log. */
  | 'detached'
  | 'dropped'
  | 'finished';

export interface MoveProgress {
  readonly move: PartitionMove;
  readonly step: MoveStep;
  /** Of `move.rowsTotal`. */
  readonly rowsMoved: number;
}

/** Told after each step; what it throws stops the operator there, and the next one goes on. */
export type OnMoveProgress = (progress: MoveProgress) => void | Promise<void>;
