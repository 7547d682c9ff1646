import type { EntityManager } from 'typeorm';
import { type EventStore, type RecordedEvent, slotCount } from '#platform/event-store';
import {
  CheckpointMoved,
  CheckpointStore,
  type Move,
  type ParkedStream,
  type ProjectionId,
} from './checkpoint-store.ts';
import type { ProjectionHandler } from './projection-handler.ts';
import { eventsSetAside } from './set-aside.ts';

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
  private queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly log: Pick<EventStore, 'readStream'>) {
    super();
  }

  async load(projection: ProjectionId): Promise<number[]> {
    return [...this.of(projection).positions];
  }

  async advance(
    projection: ProjectionHandler,
    moves: readonly Move[],
    events: readonly RecordedEvent[],
  ): Promise<void> {
    await this.transact(async (transaction) => {
      const { parked } = this.hold(projection, moves, transaction);
      const live = events.filter(({ stream }) => !parked.has(stream));
      if (live.length > 0) await projection.apply(live, { tx: transaction as unknown as EntityManager });
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

  async park(projection: ProjectionId, moves: readonly Move[], event: RecordedEvent, error: unknown): Promise<void> {
    await this.transact(async (transaction) => {
      const { parked } = this.hold(projection, moves, transaction);
      const { stream, slot, version, position } = event;
      const entry = { stream, slot, firstVersion: version, firstPosition: position, lastVersion: version, events: 1 };
      transaction.write(() => parked.set(stream, { ...entry, error: String(error), parkedAt: Date.now() }));
    });
  }

  async parkedStreams(projection: ProjectionId): Promise<ParkedStream[]> {
    return [...this.of(projection).parked.values()].sort((a, b) => a.parkedAt - b.parkedAt);
  }

  async replay(projection: ProjectionHandler, stream: string): Promise<number> {
    return this.transact(async (transaction) => {
      const { parked } = this.of(projection);
      const entry = parked.get(stream);
      if (entry === undefined) return 0;
      let applied = 0;
      for await (const batch of eventsSetAside(this.log, projection, entry)) {
        await projection.apply(batch, { tx: transaction as unknown as EntityManager });
        applied += batch.length;
      }
      transaction.write(() => parked.delete(stream));
      return applied;
    });
  }

  private hold(projection: ProjectionId, moves: readonly Move[], transaction: MemoryTransaction): Kept {
    const kept = this.of(projection);
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
  private transact<T>(work: (transaction: MemoryTransaction) => Promise<T>): Promise<T> {
    const next = this.queue.then(async () => {
      const effects: (() => void)[] = [];
      const result = await work({ write: (effect) => void effects.push(effect) });
      this.interrupt?.('before');
      for (const effect of effects) effect();
      this.interrupt?.('after');
      return result;
    });
    this.queue = next.catch(() => undefined);
    return next;
  }

  private of({ name, version }: ProjectionId): Kept {
    const key = `${name}@${version}`;
    let kept = this.kept.get(key);
    if (kept === undefined) {
      kept = { positions: Array.from({ length: slotCount }, () => 0), parked: new Map() };
      this.kept.set(key, kept);
    }
    return kept;
  }
}
