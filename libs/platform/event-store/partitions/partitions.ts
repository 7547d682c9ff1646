import type { DataSource } from 'typeorm';
import { DomainError } from '#platform/kernel';
import { ringPlacement } from '../slot-placement.ts';
import { appendCapacity } from './append-capacity.ts';
import { halveSlots } from './halve-slots.ts';
import { OperatorSession } from './operator-session.ts';
import type { MoveKind, OnMoveProgress, PartitionMove } from './partition-move.ts';
import { beginMove, findUnfinishedMove, moveOf, type MoveRow } from './partition-moves.sql.ts';
import { PartitionMover } from './partition-mover.ts';
import { type LoadSample, type PartitionStatistics, sampleLoad } from './partition-statistics.ts';
import { listPartitions } from './partition-tables.sql.ts';
import { sampleSlots, type SlotRow } from './slot-map.sql.ts';

/** Load above which `rebalance` splits a partition. */
export const highestLoad = 0.85;
/** Half of a partition's slots leave with a split, so this many undo any imbalance that splitting can. */
const mostSplits = 64;
const lastPartition = 32_767; // smallint

export interface PartitionsOptions {
  /** Events a second that is a load of 1 (default: measured, at most a day ago). */
  readonly capacity?: number | undefined;
  /** Milliseconds over which appends are counted (default 5,000). */
  readonly sampleFor?: number | undefined;
  readonly onProgress?: OnMoveProgress | undefined;
  /** Rows that one transaction moves (default 500, and 4 MiB). */
  readonly chunkRows?: number | undefined;
}

export interface Rebalanced {
  readonly splits: readonly PartitionMove[];
  /** Partitions that are over the limit and have one slot left: its streams cannot be parted. */
  readonly indivisible: readonly PartitionStatistics[];
}

/**
 * The partitions of the log, changed while it is being written and read. Whatever changes them first finishes what an
 * earlier operator was stopped in. Each method throws `store.unavailable` while another operator is at work, and the
 * server's errors as they are; after any of them the log is whole, and the next operator goes on.
 */
export class Partitions {
  private readonly onProgress: OnMoveProgress;

  constructor(
    private readonly dataSource: DataSource,
    private readonly options: PartitionsOptions = {},
  ) {
    this.onProgress = options.onProgress ?? (() => {});
  }

  /** Takes as long as appends are counted. Also while an operator is at work. */
  statistics(): Promise<readonly PartitionStatistics[]> {
    return OperatorSession.hold(this.dataSource, async (session) => (await this.sample(session)).partitions);
  }

  /** What was begun and is not finished, whether somebody is at it or was stopped. */
  unfinished(): Promise<PartitionMove | undefined> {
    return OperatorSession.hold(this.dataSource, findUnfinished);
  }

  /** Finishes what was begun. Resolves to what that was, if there was anything. */
  resume(): Promise<PartitionMove | undefined> {
    return this.hold((session) => this.finishEarlier(session));
  }

  /** Moves half of a partition's slots, by load, to a new one. Throws `request.invalid` when it has no two slots. */
  split(partition: number): Promise<PartitionMove> {
    return this.change('split', partition, async (session) => {
      await requirePartition(session, partition);
      return this.beginSplit(session, partition, await this.sample(session));
    });
  }

  /** A new partition, with the slots that the ring of all partitions gives to it. */
  add(): Promise<PartitionMove> {
    return this.hold(async (session) => {
      const earlier = await this.finishEarlier(session);
      if (earlier?.kind === 'add') return earlier;
      const partitions = await partitionNumbers(session);
      const added = await newPartition(session);
      const placement = ringPlacement([...partitions, added]);
      const slots = placement.flatMap((partition, slot) => (partition === added ? [slot] : []));
      const move = await this.begin(session, { kind: 'add', partition: added, slots, targets: slots.map(() => added) });
      return this.carryOut(session, move);
    });
  }

  /** Moves a partition's slots to where the ring of the others has them, and drops its table. */
  drain(partition: number): Promise<PartitionMove> {
    return this.change('drain', partition, async (session) => {
      await requirePartition(session, partition);
      const others = (await partitionNumbers(session)).filter((other) => other !== partition);
      if (others.length === 0) throw new DomainError('request.invalid', 'The last partition cannot be drained.');
      const placement = ringPlacement(others);
      const slots = (await slotMap(session)).filter((row) => row.partition === partition).map(({ slot }) => slot);
      return this.begin(session, { kind: 'drain', partition, slots, targets: slots.map((slot) => placement[slot]!) });
    });
  }

  /** Splits the partition with the highest load until none is above 0.85. */
  rebalance(): Promise<Rebalanced> {
    return this.hold(async (session) => {
      await this.finishEarlier(session);
      const splits: PartitionMove[] = [];
      for (;;) {
        const sample = await this.sample(session);
        const over = sample.partitions.filter(({ load }) => load > highestLoad).sort((a, b) => b.load - a.load);
        const next = over.find(({ slots }) => slots.length > 1);
        if (next === undefined || splits.length === mostSplits) {
          return { splits, indivisible: over.filter(({ slots }) => slots.length === 1) };
        }
        splits.push(await this.carryOut(session, await this.beginSplit(session, next.partition, sample)));
      }
    });
  }

  private hold<T>(work: (session: OperatorSession) => Promise<T>): Promise<T> {
    return OperatorSession.holdAlone(this.dataSource, work);
  }

  /** The same asked again after a crash is the one that was begun, not a second one. */
  private change(
    kind: MoveKind,
    partition: number,
    begin: (session: OperatorSession) => Promise<PartitionMove>,
  ): Promise<PartitionMove> {
    return this.hold(async (session) => {
      const earlier = await this.finishEarlier(session);
      if (earlier?.kind === kind && earlier.partition === partition) return earlier;
      return this.carryOut(session, await begin(session));
    });
  }

  private async finishEarlier(session: OperatorSession): Promise<PartitionMove | undefined> {
    const move = await findUnfinished(session);
    return move === undefined ? undefined : this.carryOut(session, move);
  }

  private async beginSplit(session: OperatorSession, partition: number, sample: LoadSample): Promise<PartitionMove> {
    const slots = halveSlots(sample.slots.filter((slot) => slot.partition === partition));
    if (slots.length === 0) {
      throw new DomainError('request.invalid', `Partition ${partition} has no two slots, so it cannot be split.`);
    }
    const target = await newPartition(session);
    return this.begin(session, { kind: 'split', partition, slots, targets: slots.map(() => target) });
  }

  private async begin(
    session: OperatorSession,
    { kind, partition, slots, targets }: Pick<PartitionMove, 'kind' | 'partition' | 'slots' | 'targets'>,
  ): Promise<PartitionMove> {
    const [row] = await session.query<MoveRow>(beginMove, [kind, partition, slots, targets]);
    const move = moveOf(row!);
    await this.onProgress({ move, step: 'planned', rowsMoved: 0 });
    return move;
  }

  private carryOut(session: OperatorSession, move: PartitionMove): Promise<PartitionMove> {
    return new PartitionMover(session, move, this.onProgress, this.options.chunkRows).carryOut();
  }

  private async sample(session: OperatorSession): Promise<LoadSample> {
    const capacity = this.options.capacity ?? (await appendCapacity(session));
    return sampleLoad(session, capacity, this.options.sampleFor ?? 5_000);
  }
}

async function findUnfinished(session: OperatorSession): Promise<PartitionMove | undefined> {
  const [row] = await session.query<MoveRow>(findUnfinishedMove);
  return row === undefined ? undefined : moveOf(row);
}

async function requirePartition(session: OperatorSession, partition: number): Promise<void> {
  const partitions = await partitionNumbers(session);
  if (partitions.includes(partition)) return;
  throw new DomainError('request.invalid', `There is no partition ${partition}; there are ${partitions.join(', ')}.`);
}

/** Above every number that is in use: that of a table which was dropped long ago may come again. */
async function newPartition(session: OperatorSession): Promise<number> {
  const next = Math.max(...(await partitionNumbers(session))) + 1;
  if (next > lastPartition) throw new DomainError('request.invalid', `Partitions are numbered up to ${lastPartition}.`);
  return next;
}

async function partitionNumbers(session: OperatorSession): Promise<number[]> {
  const rows = await session.query<{ partition: number }>(listPartitions);
  return rows.map(({ partition }) => partition);
}

function slotMap(session: OperatorSession): Promise<SlotRow[]> {
  return session.query<SlotRow>(sampleSlots);
}
