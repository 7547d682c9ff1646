import type { DataSource } from 'typeorm';
import { runPrepared } from '#platform/database';
import type { EventStore, RecordedEvent } from '#platform/event-store';
import {
  CheckpointMoved,
  CheckpointStore,
  type Move,
  type ParkedStream,
  type ProjectionId,
  TransientFailure,
} from './checkpoint-store.ts';
import { createCheckpoints, holdCheckpoints, moveCheckpoints, readCheckpoints } from './checkpoints.sql.ts';
import { listParkedStreams, parkedStreamsOfSlots, parkStream, setAside, unparkStream } from './parked-streams.sql.ts';
import type { ProjectionHandler } from './projection-handler.ts';
import { ProjectionTransaction } from './projection-transaction.ts';
import { eventsSetAside } from './set-aside.ts';

/** More of an error than this is not kept with a parked stream. */
const errorLength = 4_000;

/** Checkpoints in PostgreSQL, in the database of the rows. */
export class PostgresCheckpointStore extends CheckpointStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly log: Pick<EventStore, 'readStream'>,
  ) {
    super();
  }

  async load({ name, version }: ProjectionId): Promise<number[]> {
    await this.dataSource.query(createCheckpoints, [name, version]);
    const rows = await this.dataSource.query<{ position: number }[]>(readCheckpoints, [name, version]);
    return rows.map(({ position }) => position);
  }

  async advance(
    projection: ProjectionHandler,
    moves: readonly Move[],
    events: readonly RecordedEvent[],
  ): Promise<void> {
    if (events.length === 0) return this.pass(projection, moves);
    await ProjectionTransaction.run(this.dataSource, async (transaction) => {
      const parked = await this.hold(transaction, projection, moves);
      await this.apply(transaction, projection, events, parked);
      // After the handler: one that caught an error of its own transaction would fail here, where COMMIT would roll back
      // without a word.
      await this.move(transaction, projection, moves);
    });
  }

  async park(projection: ProjectionId, moves: readonly Move[], event: RecordedEvent, error: unknown): Promise<void> {
    await ProjectionTransaction.run(this.dataSource, async (transaction) => {
      await this.hold(transaction, projection, moves);
      const { stream, slot, version, position } = event;
      // PostgreSQL's text has no NUL, and an error may quote one.
      const text = textOf(error).replaceAll('\0', '\uFFFD').slice(0, errorLength);
      const values = [projection.name, projection.version, stream, slot, version, position, text];
      await transaction.before(() => transaction.runner.query(parkStream, values));
      await this.move(transaction, projection, moves);
    });
  }

  async parkedStreams({ name, version }: ProjectionId): Promise<ParkedStream[]> {
    return this.dataSource.query<ParkedStream[]>(listParkedStreams, [name, version]);
  }

  async replay(projection: ProjectionHandler, stream: string): Promise<number> {
    const known = (await this.parkedStreams(projection)).find((parked) => parked.stream === stream);
    if (known === undefined) return 0;
    return ProjectionTransaction.run(this.dataSource, async (transaction) => {
      await this.lock(transaction, projection, [known.slot]);
      const listed = await transaction.runner.query(listParkedStreams, [projection.name, projection.version]);
      const parked = (listed as ParkedStream[]).find((candidate) => candidate.stream === stream);
      if (parked === undefined) return 0;
      let applied = 0;
      for await (const batch of eventsSetAside(this.log, projection, parked)) {
        await projection.apply(batch, { tx: transaction.runner.manager });
        applied += batch.length;
      }
      await transaction.runner.query(unparkStream, [projection.name, projection.version, stream, parked.slot]);
      return applied;
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
  ): Promise<{ slot: number; position: number; parked: number }[]> {
    return transaction.before(() =>
      runPrepared<{ slot: number; position: number; parked: number }>(transaction.runner, holdCheckpoints, [
        name,
        version,
        slots,
      ]),
    );
  }

  private async apply(
    transaction: ProjectionTransaction,
    projection: ProjectionHandler,
    events: readonly RecordedEvent[],
    parked: ReadonlySet<string>,
  ): Promise<void> {
    const live = parked.size === 0 ? events : events.filter(({ stream }) => !parked.has(stream));
    if (live.length > 0) await projection.apply(live, { tx: transaction.runner.manager });
    if (live.length === events.length) return;
    const aside = new Map<string, { events: number; lastVersion: number }>();
    for (const { stream, version } of events) {
      if (parked.has(stream)) aside.set(stream, { events: (aside.get(stream)?.events ?? 0) + 1, lastVersion: version });
    }
    await transaction.runner.query(setAside, [
      projection.name,
      projection.version,
      [...aside.keys()],
      [...aside.values()].map((counted) => counted.events),
      [...aside.values()].map((counted) => counted.lastVersion),
    ]);
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
      positions = await this.load(projection);
    } catch (error) {
      throw new TransientFailure(error);
    }
    throw new CheckpointMoved(new Map(moves.map(({ slot }) => [slot, positions[slot] ?? 0])));
  }
}

function parametersOf({ name, version }: ProjectionId, moves: readonly Move[]): unknown[] {
  return [name, version, moves.map(({ slot }) => slot), moves.map(({ from }) => from), moves.map(({ to }) => to)];
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  return `${error.name}${typeof code === 'string' ? ` ${code}` : ''}: ${error.message}`;
}
