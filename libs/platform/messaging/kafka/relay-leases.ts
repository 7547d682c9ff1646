import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { slotCount } from '#platform/event-store';
import { partitionOf, topicPartitions } from './kafka-options.ts';
import { askForLeases, releaseLeases, renewLeases, takeLeases } from './relay-leases.sql.ts';
import { movePublished, readPublished } from './relay-slots.sql.ts';

/** Milliseconds that a lease lasts without being renewed: with a beat a second another has it within five seconds. */
const leaseMs = 3_000;

/** Which partitions are a process's share; more than one may believe so of a partition for a moment. */
export interface PartitionShare {
  mine(partition: number): boolean;
}

interface LeaseRow {
  readonly partition: number;
  readonly fence: number;
  readonly wanted?: boolean;
}

/**
 * The right to relay a partition, of one process at a time. Each taking raises the partition's fence, and a checkpoint is
 * written only under the fence of the day: one that was frozen, and goes on after another has taken over, repeats in Kafka
 * what it sends until it next writes a checkpoint, which readers drop, and writes none.
 */
export class RelayLeases {
  /** The epoch of the log that `published` is of: read before the first beat. */
  epoch: string | undefined;
  private readonly relay = randomUUID();
  private fences: ReadonlyMap<number, number> = new Map();
  private wanted: readonly number[] = [];
  private beating: Promise<void> | undefined;
  private readonly positions = new Map<number, number>();
  private readonly unsaved = new Map<number, number>();
  private saving: Promise<void> | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly share: PartitionShare,
    private readonly lastsMs = leaseMs,
  ) {}

  /** `published.get(slot)`: how far the slot has been published, for slots of partitions that are held. */
  get published(): ReadonlyMap<number, number> {
    return this.positions;
  }

  /** Holds on to what is held, and takes what is free. To be called about once a second; joins a beat in flight. */
  beat(): Promise<void> {
    this.beating ??= this.renewAndTake().finally(() => (this.beating = undefined));
    return this.beating;
  }

  /** Notes how far slots have been published, of partitions that are still held. */
  checkpoint(moved: ReadonlyMap<number, number>): void {
    for (const [slot, position] of moved) {
      if (!this.positions.has(slot)) continue;
      this.positions.set(slot, position);
      this.unsaved.set(slot, position);
    }
  }

  /**
   * Keeps what was noted. Apart from the batches, which need not wait for it: whatever is not kept is published again by
   * who comes next, and readers drop it. Finds out, too, what another has taken over. Joins one in flight.
   */
  save(): Promise<void> {
    this.saving ??= this.keep().finally(() => (this.saving = undefined));
    return this.saving;
  }

  /** Lets go of what another should have. Between two batches, so that it need not repeat one. */
  async yieldWanted(): Promise<void> {
    if (this.wanted.length > 0) {
      await this.saveAll();
      await this.release(this.wanted);
    }
    this.wanted = [];
  }

  /** Lets go of everything, so that nobody has to wait until it has lasted its time. */
  async end(): Promise<void> {
    // Else it would take what is let go of, for a relay that is no more.
    await this.beating?.catch(() => undefined);
    await this.saveAll().catch(() => undefined);
    const held = [...this.fences.keys()];
    for (const partition of held) this.forget(partition);
    await this.release(held);
  }

  /** The one in flight may have begun before the last was noted. */
  private async saveAll(): Promise<void> {
    await this.saving;
    await this.save();
  }

  private async keep(): Promise<void> {
    if (this.unsaved.size === 0) return;
    const moved = new Map(this.unsaved);
    const fences = [...this.fences];
    const rows = await this.dataSource.query<{ partition: number }[]>(movePublished, [
      this.relay,
      fences.map(([partition]) => partition),
      fences.map(([, fence]) => fence),
      topicPartitions,
      [...moved.keys()],
      [...moved.values()],
      this.epoch ?? null,
    ]);
    for (const [slot, position] of moved) if (this.unsaved.get(slot) === position) this.unsaved.delete(slot);
    const held = new Set(rows.map(({ partition }) => partition));
    for (const [partition] of fences) if (!held.has(partition)) this.forget(partition);
  }

  private async renewAndTake(): Promise<void> {
    const share = Array.from({ length: topicPartitions }, (_, partition) => partition).filter((partition) =>
      this.share.mine(partition),
    );
    const held = await this.returned(renewLeases, [this.relay, this.lastsMs]);
    const taken = await this.returned(takeLeases, [this.relay, this.lastsMs, share]);
    await this.dataSource.query(askForLeases, [this.relay, share]);
    await this.hold([...held, ...taken]);
    this.wanted = held.filter(({ wanted }) => wanted).map(({ partition }) => partition);
  }

  private async release(partitions: readonly number[]): Promise<void> {
    for (const partition of partitions) this.forget(partition);
    await this.dataSource.query(releaseLeases, [this.relay, partitions]);
  }

  private async hold(leases: readonly LeaseRow[]): Promise<void> {
    const fences = new Map(leases.map(({ partition, fence }) => [partition, fence]));
    for (const [partition, fence] of this.fences) if (fences.get(partition) !== fence) this.forget(partition);
    const gained = [...fences.keys()].filter((partition) => !this.fences.has(partition));
    if (gained.length > 0) {
      const slots = Array.from({ length: slotCount }, (_, slot) => slot).filter((slot) =>
        gained.includes(partitionOf(slot)),
      );
      const rows = await this.dataSource.query<{ slot: number; published: number }[]>(readPublished, [slots]);
      for (const { slot, published } of rows) this.positions.set(slot, published);
    }
    this.fences = fences;
  }

  private forget(partition: number): void {
    this.fences = new Map([...this.fences].filter(([held]) => held !== partition));
    for (const slot of this.positions.keys()) {
      if (partitionOf(slot) !== partition) continue;
      this.positions.delete(slot);
      this.unsaved.delete(slot);
    }
  }

  /** TypeORM answers an UPDATE with its rows and their number. */
  private async returned(statement: string, parameters: unknown[]): Promise<LeaseRow[]> {
    const [rows] = await this.dataSource.query<[LeaseRow[], number]>(statement, parameters);
    return rows;
  }
}
