import type { EventStore, RecordedEvent } from '#platform/event-store';
import type { Build } from './build.ts';
import type { ParkedStream, ProjectionId, Replay, ReplayOptions } from './checkpoint-store.ts';
import {
  discardedVersions,
  discardEvent,
  findParkedStream,
  moveParked,
  parkStream,
  setAside,
  unparkStream,
} from './parked-streams.sql.ts';
import type { ProjectionTransaction } from './projection-transaction.ts';
import { replaySetAside } from './set-aside.ts';

/** More of an error than this is not kept with a parked stream. */
const errorLength = 4_000;

interface ParkedRow extends ParkedStream {
  readonly ordered: 'replay' | 'discard' | null;
}

/** The rows of parked streams, for transactions that hold the checkpoints of their slots. */
export class ParkingTable {
  constructor(private readonly log: Pick<EventStore, 'readStream'>) {}

  /** Parks the event's stream; false for one that was discarded before. */
  async park(
    { runner }: ProjectionTransaction,
    { name, version }: ProjectionId,
    event: RecordedEvent,
    error: unknown,
  ): Promise<boolean> {
    const { stream, slot, position } = event;
    const discarded = await this.discarded(runner, name, stream);
    if (discarded.has(event.version)) return false;
    await runner.query(parkStream, [name, version, stream, slot, event.version, position, textOf(error)]);
    return true;
  }

  /** Counts events of streams that are parked. */
  async setAside(
    { runner }: ProjectionTransaction,
    { name, version }: ProjectionId,
    events: readonly RecordedEvent[],
  ): Promise<void> {
    const aside = new Map<string, { events: number; lastVersion: number }>();
    for (const event of events)
      aside.set(event.stream, { events: (aside.get(event.stream)?.events ?? 0) + 1, lastVersion: event.version });
    const counted = [...aside.values()];
    await runner.query(setAside, [
      name,
      version,
      [...aside.keys()],
      counted.map((one) => one.events),
      counted.map(({ lastVersion }) => lastVersion),
    ]);
  }

  /** As `CheckpointStore.replay`. */
  async replay(
    transaction: ProjectionTransaction,
    build: Build,
    stream: string,
    { discard = false, ordered }: ReplayOptions = {},
  ): Promise<Replay> {
    const { runner } = transaction;
    // Under the lock: what another process did with the same order is committed by now.
    const rows = (await runner.query(findParkedStream, [build.name, build.version, stream])) as ParkedRow[];
    const parked = rows[0];
    if (parked === undefined || !stands(parked, { discard, ordered })) return { applied: 0, left: true };
    if (discard) await runner.query(discardEvent, [build.name, stream, parked.firstVersion, parked.error]);
    const from = { ...parked, firstVersion: parked.firstVersion + (discard ? 1 : 0) };
    const discarded = await this.discarded(runner, build.name, stream);
    const replay = await replaySetAside(this.log, build, { parked: from, discarded }, (batch) =>
      transaction.attempt(() => build.apply(batch, runner.manager)),
    );
    await this.settle(transaction, build, parked, { ...replay, left: discard ? 1 : 0 });
    return replay;
  }

  private async settle(
    { runner }: ProjectionTransaction,
    { name, version }: ProjectionId,
    { stream, slot, events }: ParkedStream,
    { applied, failure, left }: Omit<Replay, 'left'> & { left: number },
  ): Promise<void> {
    if (failure === undefined) {
      await runner.query(unparkStream, [name, version, stream, slot]);
      return;
    }
    const { event, error } = failure;
    const values = [name, version, stream, event.version, event.position, events - applied - left, textOf(error)];
    await runner.query(moveParked, values);
  }

  private async discarded(
    runner: ProjectionTransaction['runner'],
    projection: string,
    stream: string,
  ): Promise<ReadonlySet<number>> {
    const rows = (await runner.query(discardedVersions, [projection, stream])) as { version: number }[];
    return new Set(rows.map(({ version }) => version));
  }
}

/** Whether what is to be done is still what the row says, of the event that it was said of. */
function stands(parked: ParkedRow, { discard = false, ordered }: ReplayOptions): boolean {
  if (ordered === undefined) return true;
  return parked.firstVersion === ordered && parked.ordered === (discard ? 'discard' : 'replay');
}

/** PostgreSQL's text has no NUL, and an error may quote one. */
function textOf(error: unknown): string {
  return wordsOf(error).replaceAll('\0', '\uFFFD').slice(0, errorLength);
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  return `${error.name}${typeof code === 'string' ? ` ${code}` : ''}: ${error.message}`;
}
