import { Announcer, type CommittedListener } from './announcer.ts';
import { partlyKnown } from './append-batch.ts';
import { type EncodedAppend, type EncodedEvent, encodeAppend } from './encoded-append.ts';
import {
  type Append,
  type Epoch,
  type EventOutcome,
  EventStore,
  type Heads,
  type ReadBounds,
  type ReadOptions,
  slotCount,
  type SlotsReadOptions,
  type StreamPage,
} from './event-store.ts';
import { boundsOf, requireFewDetails, requireOffset, requireSlot } from './read-bounds.ts';
import type { DetailedEvent, RecordedEvent } from './recorded-event.ts';
import { slotOf } from './slot.ts';

interface StoredEvent extends DetailedEvent {
  readonly digest: string;
  readonly lifecycle: boolean;
}

interface Stream {
  readonly events: StoredEvent[];
  readonly byId: Map<string, StoredEvent>;
  guard: number;
}

/** The log in memory, for unit tests: the same answers as PostgreSQL's, held to them by the contract suite. */
export class MemoryEventStore extends EventStore {
  private readonly announcer = new Announcer();
  private readonly streams = new Map<string, Stream>();
  private readonly slots: RecordedEvent[][] = Array.from({ length: slotCount }, () => []);

  /**
   * @param clock epoch milliseconds of `recordedAt`
   * @param epochName the name of its only epoch: that of a database, where checkpoints are kept there
   */
  constructor(
    private readonly clock: () => number = Date.now,
    private readonly epochName = 'memory.1',
  ) {
    super();
  }

  async append(append: Append): Promise<EventOutcome[]> {
    if (append.events.length === 0) return [];
    const encoded = encodeAppend(append);
    // A turn of the loop, as with any store: callers must not rely on the answer being there at once.
    await Promise.resolve();
    const stream = this.streams.get(append.stream) ?? { events: [], byId: new Map(), guard: 0 };
    const conflict = this.conflictOf(encoded, stream);
    if (conflict !== undefined) return encoded.events.map(() => conflict);
    this.streams.set(append.stream, stream);
    const committed: RecordedEvent[] = [];
    const outcomes = encoded.events.map((event): EventOutcome => {
      const known = stream.byId.get(event.eventId);
      if (known !== undefined) return repeatOf(known, event);
      const stored = this.store(encoded, stream, event);
      committed.push(stored);
      return { status: 'appended', version: stored.version, position: stored.position };
    });
    this.announcer.announce(committed);
    return outcomes;
  }

  async readStream(stream: string, afterVersion: number, options?: ReadOptions): Promise<StreamPage> {
    requireOffset(afterVersion);
    const events = this.streams.get(stream)?.events.slice(afterVersion) ?? [];
    return this.page(stream, within(events, options));
  }

  async readLifecycle(stream: string): Promise<StreamPage> {
    return this.page(stream, this.streams.get(stream)?.events.filter(({ lifecycle }) => lifecycle) ?? []);
  }

  async readDetails(stream: string, versions: readonly number[]): Promise<DetailedEvent[]> {
    requireFewDetails(versions);
    const wanted = new Set(versions);
    const found = this.streams.get(stream)?.events.filter(({ version }) => wanted.has(version)) ?? [];
    return found.map((event) => ({ ...recorded(event), detailJson: event.detailJson }));
  }

  async readSlot(slot: number, afterPosition: number, options?: ReadBounds): Promise<RecordedEvent[]> {
    requireOffset(afterPosition);
    requireSlot(slot);
    return within(this.slots[slot]!.slice(afterPosition), options);
  }

  async readSlots(after: ReadonlyMap<number, number>, options?: SlotsReadOptions): Promise<RecordedEvent[]> {
    after.forEach((position, slot) => {
      requireSlot(slot);
      requireOffset(position);
    });
    const { limit } = boundsOf(options);
    const behind = [...after].filter(([slot, position]) => this.slots[slot]!.length > position);
    if (behind.length === 0) return [];
    const share = Math.ceil(limit / behind.length);
    const shares = behind.map(([slot, position]) => this.slots[slot]!.slice(position, position + share));
    const turns = Array.from({ length: share }, (_, turn) => shares.flatMap((events) => events[turn] ?? []));
    return within(turns.flat(), options);
  }

  async heads(): Promise<Heads> {
    return { epoch: this.epochName, positions: this.slots.map(({ length }) => length) };
  }

  async epochs(): Promise<Epoch[]> {
    return [{ epoch: this.epochName, heads: Array.from({ length: slotCount }, () => 0) }];
  }

  onCommitted(listener: CommittedListener): () => void {
    return this.announcer.listen(listener);
  }

  /** It has one history. */
  onOtherHistory(): () => void {
    return () => undefined;
  }

  /** Undefined when the append may go ahead; all of its events known counts as going ahead. */
  private conflictOf({ stream: name, expected, events }: EncodedAppend, stream: Stream): EventOutcome | undefined {
    if (expected === undefined) return undefined;
    const known = events.filter(({ eventId }) => stream.byId.has(eventId)).length;
    if (known === events.length) return undefined;
    const version = stream.events.length;
    const holds = 'version' in expected ? expected.version === version : expected.guard === stream.guard;
    if (!holds) return { status: 'conflict', version, guard: stream.guard };
    if (known > 0) throw partlyKnown(name);
    return undefined;
  }

  private store({ slot, stream: name }: EncodedAppend, stream: Stream, event: EncodedEvent): RecordedEvent {
    const stored: StoredEvent = {
      ...event,
      slot,
      stream: name,
      position: this.slots[slot]!.length + 1,
      version: stream.events.length + 1,
      recordedAt: this.clock(),
    };
    stream.events.push(stored);
    stream.byId.set(event.eventId, stored);
    if (event.lifecycle) stream.guard = stored.version;
    const visible = recorded(stored);
    this.slots[slot]!.push(visible);
    return visible;
  }

  private page(name: string, events: readonly StoredEvent[] | readonly RecordedEvent[]): StreamPage {
    const stream = this.streams.get(name);
    return {
      epoch: this.epochName,
      stream: name,
      slot: slotOf(name),
      version: stream?.events.length ?? 0,
      guard: stream?.guard ?? 0,
      events: events.map(recorded),
    };
  }
}

function repeatOf(known: StoredEvent, event: EncodedEvent): EventOutcome {
  const same = known.digest === event.digest || (known.lifecycle && event.lifecycle);
  return { status: same ? 'duplicate' : 'clash', version: known.version, position: known.position };
}

function recorded(event: RecordedEvent): RecordedEvent {
  const { slot, position, stream, version, eventId, type, at, recordedAt, dataJson } = event;
  return { slot, position, stream, version, eventId, type, at, recordedAt, dataJson };
}

function within<E extends RecordedEvent>(events: readonly E[], options?: ReadBounds): E[] {
  const { limit, maxBytes } = boundsOf(options);
  const page: E[] = [];
  for (let bytes = 0; page.length < limit && bytes < maxBytes && page.length < events.length;) {
    const event = events[page.length]!;
    page.push(event);
    bytes += Buffer.byteLength(event.dataJson);
  }
  return page;
}
