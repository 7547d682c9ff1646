import type { DataSource } from 'typeorm';
import { runPrepared } from '#platform/database';
import { type EventStore, type RecordedEvent, slotOf } from '#platform/event-store';
import type { Build } from './build.ts';
import {
  BuildRetired,
  CheckpointMoved,
  CheckpointStore,
  type Move,
  OtherEpoch,
  type ParkedStream,
  type ProjectionId,
  type Replay,
  type ReplayOptions,
  TransientFailure,
} from './checkpoint-store.ts';
import { createCheckpoints, holdCheckpoints, moveCheckpoints, readCheckpoints } from './checkpoints.sql.ts';
import { listParkedStreams, parkedStreamsOfSlots } from './parked-streams.sql.ts';
import { ParkingTable } from './parking-table.ts';
import { ProjectionTransaction } from './projection-transaction.ts';

/** Checkpoints in PostgreSQL, in the database of the rows. */
export class PostgresCheckpointStore extends CheckpointStore {
  private readonly parking: ParkingTable;

  constructor(
    private readonly dataSource: DataSource,
    log: Pick<EventStore, 'readStream'>,
  ) {
    super();
    this.parking = new ParkingTable(log);
  }

  async load({ name, version, hasTables }: ProjectionId): Promise<number[]> {
    if (hasTables !== true) await this.dataSource.query(createCheckpoints, [name, version]);
    return this.read({ name, version });
  }

  async read({ name, version }: ProjectionId): Promise<number[]> {
    const rows = await this.dataSource.query<{ position: number }[]>(readCheckpoints, [name, version]);
    if (rows.length === 0) throw new BuildRetired();
    return rows.map(({ position }) => position);
  }

  async advance(build: Build, moves: readonly Move[], events: readonly RecordedEvent[]): Promise<void> {
    if (events.length === 0) return this.pass(build, moves);
    await ProjectionTransaction.run(this.dataSource, async (transaction) => {
      const parked = await this.hold(transaction, build, moves);
      await this.apply(transaction, build, events, parked);
      // After the handler: one that caught an error of its own transaction would fail here, where COMMIT would roll back
      // without a word.
      await this.move(transaction, build, moves);
    });
  }

  async park(projection: ProjectionId, moves: readonly Move[], event: RecordedEvent, error: unknown): Promise<boolean> {
    return ProjectionTransaction.run(this.dataSource, async (transaction) => {
      await this.hold(transaction, projection, moves);
      const parked = await transaction.before(() => this.parking.park(transaction, projection, event, error));
      await this.move(transaction, projection, moves);
      return parked;
    });
  }

  async parkedStreams({ name, version }: ProjectionId): Promise<ParkedStream[]> {
    return this.dataSource.query<ParkedStream[]>(listParkedStreams, [name, version]);
  }

  async replay(build: Build, stream: string, options?: ReplayOptions): Promise<Replay> {
    return ProjectionTransaction.run(this.dataSource, async (transaction) => {
      // Somebody has ordered it, and is told that it was done.
      await this.lock(transaction, build, [slotOf(stream)], { flushed: true });
      return this.parking.replay(transaction, build, stream, options);
    });
  }

  /** Holds the checkpoints to the end of the transaction; resolves to the parked streams of their slots. */
  private async hold(
    transaction: ProjectionTransaction,
    projection: ProjectionId,
    moves: readonly Move[],
  ): Promise<ReadonlySet<string>> {
    const held = await this.lock(
      transaction,
      projection,
      moves.map(({ slot }) => slot),
    );
    const positions = new Map(held.map(({ slot, position }) => [slot, position]));
    if (held.length < moves.length) throw new BuildRetired();
    if (isOther(held[0]?.epoch, projection)) throw new OtherEpoch();
    if (moves.some(({ slot, from }) => positions.get(slot) !== from)) throw new CheckpointMoved(positions);
    const slots = held.filter(({ parked }) => parked > 0).map(({ slot }) => slot);
    if (slots.length === 0) return new Set();
    // A statement of its own, so that it sees what was committed by whoever held the rows before.
    const streams = await transaction.before(() =>
      transaction.runner.query(parkedStreamsOfSlots, [projection.name, projection.version, slots]),
    );
    return new Set((streams as { stream: string }[]).map(({ stream }) => stream));
  }

  private async lock(
    transaction: ProjectionTransaction,
    { name, version }: ProjectionId,
    slots: readonly number[],
    { flushed = false } = {},
  ): Promise<HeldCheckpoint[]> {
    return transaction.before(() =>
      runPrepared<HeldCheckpoint>(transaction.runner, holdCheckpoints, [name, version, slots, flushed]),
    );
  }

  private async apply(
    transaction: ProjectionTransaction,
    build: Build,
    events: readonly RecordedEvent[],
    parked: ReadonlySet<string>,
  ): Promise<void> {
    const live = parked.size === 0 ? events : events.filter(({ stream }) => !parked.has(stream));
    if (live.length > 0) await build.apply(live, transaction.runner.manager);
    if (live.length === events.length) return;
    await this.parking.setAside(
      transaction,
      build,
      events.filter(({ stream }) => parked.has(stream)),
    );
  }

  private async move(
    transaction: ProjectionTransaction,
    projection: ProjectionId,
    moves: readonly Move[],
  ): Promise<void> {
    const moved = await runPrepared(transaction.runner, moveCheckpoints, parametersOf(projection, moves));
    if (moved.length !== moves.length) throw new Error('a checkpoint moved although its row was held');
  }

  /** With no event to apply there are no rows to write, and one statement is enough: most events of the log are output. */
  private async pass(projection: ProjectionId, moves: readonly Move[]): Promise<void> {
    let positions: number[];
    try {
      const [, moved] = await this.dataSource.query<[unknown[], number]>(
        moveCheckpoints.text,
        parametersOf(projection, moves),
      );
      if (moved === moves.length) return;
      const [row] = await this.dataSource.query<[{ epoch: string | null }]>('select store_epoch() as epoch');
      if (isOther(row.epoch, projection)) throw new OtherEpoch();
      positions = await this.load(projection);
    } catch (error) {
      throw error instanceof BuildRetired || error instanceof OtherEpoch ? error : new TransientFailure(error);
    }
    throw new CheckpointMoved(new Map(moves.map(({ slot }) => [slot, positions[slot] ?? 0])));
  }
}

interface HeldCheckpoint {
  readonly slot: number;
  readonly position: number;
  readonly parked: number;
  /** Of the log, at this moment; null while nobody has begun the one that a fail-over calls for. */
  readonly epoch: string | null;
}

/** Events of a history that was cut off may wait in memory when the database comes back with another one. */
const isOther = (epoch: string | null | undefined, read: ProjectionId): boolean =>
  epoch !== undefined && read.epoch !== undefined && epoch !== read.epoch;

function parametersOf({ name, version, epoch }: ProjectionId, moves: readonly Move[]): unknown[] {
  const slots = moves.map(({ slot }) => slot);
  return [name, version, slots, moves.map(({ from }) => from), moves.map(({ to }) => to), epoch ?? null];
}
