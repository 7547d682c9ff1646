import type { EntityManager } from 'typeorm';
import { type EventStore, type RecordedEvent, slotCount } from '#platform/event-store';
import type { Build } from './build.ts';
import {
  BuildRetired,
  CheckpointMoved,
  CheckpointStore,
  type Move,
  type ParkedStream,
  type ProjectionId,
  type Replay,
  type ReplayOptions,
} from './checkpoint-store.ts';
import { replaySetAside } from './set-aside.ts';

/** What a handler gets as `tx`: writes that take effect together, or not at all. */
export interface MemoryTransaction {
  write(effect: () => void): void;
}

interface Kept {
  readonly positions: number[];
  readonly parked: Map<string, ParkedStream>;
}

/** Checkpoints in memory, for tests; the handlers' `tx` is a MemoryTransaction. */
export class MemoryCheckpointStore extends CheckpointStore {
  /** Called in every transaction; what it throws, `before` its commit or `after`, is what the caller gets. */
  interrupt: ((when: 'before' | 'after') => void) | undefined;
  private readonly kept = new Map<string, Kept>();
  private readonly discarded = new Map<string, Set<number>>();
  private queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly log: Pick<EventStore, 'readStream'>) {
    super();
  }

  async load(projection: ProjectionId): Promise<number[]> {
    const kept = this.of(projection);
    if (kept === undefined) throw new BuildRetired();
    return [...kept.positions];
  }

  read(projection: ProjectionId): Promise<number[]> {
    return this.load(projection);
  }

  async advance(build: Build, moves: readonly Move[], events: readonly RecordedEvent[]): Promise<void> {
    await this.transact(async (transaction) => {
      const { parked } = this.hold(build, moves, transaction);
      const live = events.filter(({ stream }) => !parked.has(stream));
      if (live.length > 0) await build.apply(live, transaction as unknown as EntityManager);
      for (const event of events) {
        const aside = parked.get(event.stream);
        if (aside === undefined) continue;
        transaction.write(() => {
          const { events: count } = parked.get(event.stream)!;
          parked.set(event.stream, { ...aside, lastVersion: event.version, events: count + 1 });
        });
      }
    });
  }

  async park(projection: ProjectionId, moves: readonly Move[], event: RecordedEvent, error: unknown): Promise<boolean> {
    return this.transact(async (transaction) => {
      const { parked } = this.hold(projection, moves, transaction);
      const { stream, slot, version, position } = event;
      if (this.discardedOf(projection, stream).has(version)) return false;
      const entry = { stream, slot, firstVersion: version, firstPosition: position, lastVersion: version, events: 1 };
      transaction.write(() => parked.set(stream, { ...entry, error: String(error), parkedAt: Date.now() }));
      return true;
    });
  }

  async parkedStreams(projection: ProjectionId): Promise<ParkedStream[]> {
    return [...(this.of(projection)?.parked.values() ?? [])].sort((a, b) => a.parkedAt - b.parkedAt);
  }

  async replay(build: Build, stream: string, { discard = false, ordered }: ReplayOptions = {}): Promise<Replay> {
    return this.transact(async (transaction) => {
      const parked = this.of(build)?.parked;
      const entry = parked?.get(stream);
      if (parked === undefined || entry === undefined) return { applied: 0, left: true };
      if (ordered !== undefined && entry.firstVersion !== ordered) return { applied: 0, left: true };
      const discarded = this.discardedOf(build, stream);
      if (discard) transaction.write(() => discarded.add(entry.firstVersion));
      const firstVersion = discard ? entry.firstVersion + 1 : entry.firstVersion;
      const replay = await replaySetAside(this.log, build, { parked: { ...entry, firstVersion }, discarded }, (batch) =>
        transaction.attempt(() => build.apply(batch, transaction as unknown as EntityManager)),
      );
      const { applied, failure } = replay;
      transaction.write(() => {
        if (failure === undefined) {
          parked.delete(stream);
          return;
        }
        const { version, position } = failure.event;
        const events = entry.events - applied - (discard ? 1 : 0);
        const error = String(failure.error);
        parked.set(stream, { ...entry, firstVersion: version, firstPosition: position, events, error });
      });
      return replay;
    });
  }

  /** For the builds, which are kept in the same place. */
  async alone<T>(work: () => T): Promise<T> {
    return this.transact(async () => work());
  }

  positionsOf(projection: ProjectionId): readonly number[] | undefined {
    return this.of(projection)?.positions;
  }

  make(projection: ProjectionId): Kept {
    const kept = { positions: Array.from({ length: slotCount }, () => 0), parked: new Map<string, ParkedStream>() };
    this.kept.set(keyOf(projection), kept);
    return kept;
  }

  forget(projection: ProjectionId): void {
    this.kept.delete(keyOf(projection));
  }

  private hold(projection: ProjectionId, moves: readonly Move[], transaction: MemoryTransaction): Kept {
    const kept = this.of(projection);
    if (kept === undefined) throw new BuildRetired();
    const { positions } = kept;
    if (moves.some(({ slot, from }) => positions[slot] !== from)) {
      throw new CheckpointMoved(new Map(moves.map(({ slot }) => [slot, positions[slot]!])));
    }
    transaction.write(() => {
      for (const { slot, to } of moves) positions[slot] = to;
    });
    return kept;
  }

  /** One transaction at a time, which is what holding the checkpoints comes to. */
  private transact<T>(work: (transaction: OpenTransaction) => Promise<T>): Promise<T> {
    const next = this.queue.then(async () => {
      const transaction = new OpenTransaction();
      const result = await work(transaction);
      this.interrupt?.('before');
      for (const effect of transaction.effects) effect();
      this.interrupt?.('after');
      return result;
    });
    this.queue = next.catch(() => undefined);
    return next;
  }

  private of(projection: ProjectionId): Kept | undefined {
    const kept = this.kept.get(keyOf(projection));
    return kept ?? (projection.hasTables === true ? undefined : this.make(projection));
  }

  private discardedOf({ name }: ProjectionId, stream: string): Set<number> {
    const key = `${name}/${stream}`;
    const discarded = this.discarded.get(key) ?? new Set();
    this.discarded.set(key, discarded);
    return discarded;
  }
}

const keyOf = ({ name, version }: ProjectionId): string => `${name}@${version}`;

class OpenTransaction implements MemoryTransaction {
  readonly effects: (() => void)[] = [];

  write(effect: () => void): void {
    this.effects.push(effect);
  }

  /** What a savepoint is. */
  async attempt(action: () => Promise<void>): Promise<void> {
    const { length } = this.effects;
    try {
      await action();
    } catch (error) {
      this.effects.length = length;
      throw error;
    }
  }
}
