import { setTimeout as delay } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { DomainError } from '#platform/kernel';
import type { Epoch, Heads, ReadBounds, ReadOptions, SlotsReadOptions, StreamPage } from './event-store.ts';
import { requireGapless } from './gapless.ts';
import { beginEpoch, type EpochRow, type HeadsRow, readEpochs, readHeads } from './heads.sql.ts';
import type { History } from './history.ts';
import { PooledConnection, type PreparedQuery } from './pooled-connection.ts';
import { boundsOf, requireFewDetails, requireOffset, requireSlot } from './read-bounds.ts';
import {
  detailedEventOf,
  type DetailedRow,
  type PartitionRow,
  type PinnedStreamRow,
  readDetails,
  readLifecycle,
  readLifecycleIn,
  readPartitions,
  readSlot,
  readSlotIn,
  readStream,
  readStreamIn,
  recordedEventOf,
  type RecordedRow,
  type SlotRow,
  type StreamRow,
} from './read-events.sql.ts';
import { readSlots, type SlotsRow } from './read-slots.sql.ts';
import type { DetailedEvent, RecordedEvent } from './recorded-event.ts';
import { slotOf } from './slot.ts';
import { isUnreachable } from './unreachable.ts';

export interface ReadPatience {
  /** Milliseconds that a read may take. */
  readonly timeout: number;
  /** Tries when the connection breaks under it. */
  readonly tries: number;
}

const ofPrimary: ReadPatience = { timeout: 15_000, tries: 3 };
/** Milliseconds that a slot is believed to be moving still. */
const movingBelieved = 1_000;

/** Events of many slots, and whether all of them had reached what they must have. */
export interface SlotsPage {
  readonly epoch: string;
  readonly isFresh: boolean;
  readonly events: readonly RecordedEvent[];
}

/** Reads of the log in one PostgreSQL server, each one statement. */
export class LogReader {
  /** Where slots were when last looked at: a belief that each read checks. */
  private partitions: readonly (number | null)[] | undefined;
  private lookedAt = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly history: History,
    private readonly patience = ofPrimary,
  ) {}

  async stream(stream: string, afterVersion: number, options?: ReadOptions): Promise<StreamPage> {
    requireOffset(afterVersion);
    const { limit, maxBytes } = boundsOf(options);
    const rows = await this.streamRows(
      stream,
      (partition, slot) => readStreamIn(partition, slot, [stream, afterVersion, limit, maxBytes]),
      readStream(stream, afterVersion, limit, maxBytes),
    );
    const page = pageOf(stream, rows);
    requireGapless(
      page.events.map(({ version }) => version),
      afterVersion,
      stream,
    );
    return page;
  }

  async lifecycle(stream: string): Promise<StreamPage> {
    const pinned = (partition: number, slot: number) => readLifecycleIn(partition, slot, stream);
    return pageOf(stream, await this.streamRows(stream, pinned, readLifecycle(stream)));
  }

  async details(stream: string, versions: readonly number[]): Promise<DetailedEvent[]> {
    requireFewDetails(versions);
    if (versions.length === 0) return [];
    const rows = await this.query<DetailedRow>(readDetails(stream, versions));
    return rows.map(detailedEventOf);
  }

  async slot(slot: number, afterPosition: number, options?: ReadBounds): Promise<RecordedEvent[]> {
    requireOffset(afterPosition);
    requireSlot(slot);
    const { limit, maxBytes } = boundsOf(options);
    const rows = await this.slotRows(slot, afterPosition, limit, maxBytes);
    const [first] = rows;
    if (first === undefined) throw new Error('the store has no epoch: was it migrated?');
    const events = recordedIn(rows, 2);
    requireGapless(
      events.map(({ position }) => position),
      afterPosition,
      `slot ${slot}`,
    );
    return events;
  }

  async slots(after: ReadonlyMap<number, number>, options: SlotsReadOptions = {}): Promise<SlotsPage> {
    const asked = [...after].map(([slot, position]) => {
      requireSlot(slot);
      requireOffset(position);
      return { slot, after: position, least: options.minPositions?.[slot] ?? 0 };
    });
    const { limit, maxBytes } = boundsOf(options);
    const rows = await this.query<SlotsRow>(readSlots(asked, limit, maxBytes));
    const [first] = rows;
    if (first === undefined) throw new Error('the store has no epoch: was it migrated?');
    const events = recordedIn(rows, 2);
    const read = new Map(after);
    for (const { slot, position } of events) {
      requireGapless([position], read.get(slot)!, `slot ${slot}`);
      read.set(slot, position);
    }
    return { epoch: first[0], isFresh: first[1], events };
  }

  /** Begins a new epoch when the server writes another history than the newest one's; appends do so, too. */
  async heads(): Promise<Heads> {
    let [row] = await this.query<HeadsRow>(readHeads);
    if (row?.[2] === false) {
      await this.query(beginEpoch(row[0]));
      [row] = await this.query<HeadsRow>(readHeads);
    }
    if (row === undefined) throw new Error('the store has no epoch: was it migrated?');
    this.history.note(row[4], row[1]);
    return { epoch: row[1], positions: row[3].map(Number) };
  }

  async epochs(): Promise<Epoch[]> {
    const rows = await this.query<EpochRow>(readEpochs);
    return rows.map(([epoch, heads]) => ({ epoch, heads: heads.map(Number) }));
  }

  private async streamRows(
    stream: string,
    pinned: (partition: number, slot: number) => PreparedQuery,
    anywhere: PreparedQuery,
  ): Promise<readonly StreamRow[]> {
    const slot = slotOf(stream);
    const partition = await this.partitionOf(slot);
    if (partition !== null) {
      const rows = await this.query<PinnedStreamRow>(pinned(partition, slot));
      // Without any row there is no epoch, which the reader says better than a fall-back that finds none either.
      if (rows.every(([fits]) => fits)) return rows.map((row) => row.slice(1) as unknown as StreamRow);
      this.partitions = undefined;
    }
    return this.query<StreamRow>(anywhere);
  }

  private async slotRows(slot: number, after: number, limit: number, bytes: number): Promise<readonly SlotRow[]> {
    const partition = await this.partitionOf(slot);
    if (partition !== null) {
      const rows = await this.query<SlotRow>(readSlotIn(partition, [slot, after, limit, bytes]));
      if (rows.length > 0) return rows;
      this.partitions = undefined;
    }
    return this.query<SlotRow>(readSlot(slot, after, limit, bytes));
  }

  private async partitionOf(slot: number): Promise<number | null> {
    // Nothing contradicts the belief that a slot is moving: unless it is looked at again, it is read from two tables for ever.
    const isOld = performance.now() - this.lookedAt > movingBelieved;
    if (this.partitions?.[slot] === null && isOld) this.partitions = undefined;
    if (this.partitions === undefined) {
      this.lookedAt = performance.now();
      this.partitions = (await this.query<PartitionRow>(readPartitions)).map(([partition]) => partition);
    }
    return this.partitions[slot] ?? null;
  }

  /** A read may be repeated freely, so a connection that was lost while it was idle is nobody's concern. */
  private async query<Row>(query: PreparedQuery): Promise<Row[]> {
    for (let tries = 1; ; tries++) {
      const connection = new PooledConnection(this.dataSource);
      try {
        const rows = await connection.query<Row>(query, this.patience.timeout);
        await connection.release();
        return rows;
      } catch (error) {
        await connection.discard();
        if (!isUnreachable(error)) throw error;
        if (tries >= this.patience.tries) {
          throw new DomainError('store.unavailable', undefined, { retryAfterMs: 1_000, cause: error });
        }
        await delay(50 * tries);
      }
    }
  }
}

function pageOf(stream: string, rows: readonly StreamRow[]): StreamPage {
  const first = rows[0];
  if (first === undefined) throw new Error('the store has no epoch: was it migrated?');
  const [epoch, slot, version, guard] = first;
  const events = recordedIn(rows, 4);
  return {
    epoch,
    stream,
    slot: slot ?? slotOf(stream),
    version: Number(version ?? 0),
    guard: Number(guard ?? 0),
    events,
  };
}

/** Events of rows that repeat so many columns in front of each, and have none in a row that stands for no event. */
function recordedIn(rows: readonly (readonly unknown[])[], repeated: number): RecordedEvent[] {
  return rows
    .map((row) => row.slice(repeated) as unknown as RecordedRow)
    .filter(([slot]) => slot !== null)
    .map(recordedEventOf);
}
