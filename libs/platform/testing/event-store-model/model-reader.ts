import type { EventStore, Heads, RecordedEvent, StreamPage } from '#platform/event-store';

export interface Bounds {
  readonly limit: number;
  readonly maxBytes: number;
}

/** What a read has brought, to be judged when it is known what was appended meanwhile. */
export type Seen =
  | { readonly kind: 'stream'; readonly after: number; readonly bounds: Bounds; readonly page: StreamPage }
  | { readonly kind: 'lifecycle'; readonly page: StreamPage }
  | {
      readonly kind: 'slot';
      readonly slot: number;
      readonly after: number;
      readonly bounds: Bounds;
      readonly events: readonly RecordedEvent[];
    }
  | {
      readonly kind: 'slots';
      readonly after: ReadonlyMap<number, number>;
      readonly bounds: Bounds;
      readonly events: readonly RecordedEvent[];
    }
  | { readonly kind: 'heads'; readonly heads: Heads };

/** Somebody who follows a stream or a slot on one node: the next read goes on where the last one ended. */
export class ModelReader {
  readonly events: RecordedEvent[] = [];
  private turn: Promise<unknown> = Promise.resolve();

  /** @param of a stream's name or a slot @param start what was before is somebody else's */
  constructor(
    private readonly store: EventStore,
    private readonly of: string | number,
    private readonly start: number,
  ) {}

  /** One read at a time, however many are asked for at once. */
  read(bounds: Bounds): Promise<Seen> {
    const seen = this.turn.then(() => this.readOn(bounds));
    this.turn = seen.catch(() => undefined);
    return seen;
  }

  /** The next read of those who follow slots on one node, in one: each goes on where it has ended. */
  static readTogether(readers: readonly ModelReader[], bounds: Bounds): Promise<Seen> {
    const seen = Promise.all(readers.map(({ turn }) => turn)).then(async (): Promise<Seen> => {
      const after = new Map(readers.map((reader) => [reader.of as number, reader.start + reader.events.length]));
      const events = await readers[0]!.store.readSlots(after, bounds);
      for (const reader of readers) reader.events.push(...events.filter(({ slot }) => slot === reader.of));
      return { kind: 'slots', after, bounds, events };
    });
    for (const reader of readers) reader.turn = seen.catch(() => undefined);
    return seen;
  }

  async readToTheEnd(): Promise<Seen[]> {
    const all: Seen[] = [];
    for (;;) {
      const before = this.events.length;
      all.push(await this.read({ limit: 1_000, maxBytes: 1_000_000 }));
      if (this.events.length === before) return all;
    }
  }

  private async readOn(bounds: Bounds): Promise<Seen> {
    const after = this.start + this.events.length;
    if (typeof this.of === 'string') {
      const page = await this.store.readStream(this.of, after, bounds);
      this.events.push(...page.events);
      return { kind: 'stream', after, bounds, page };
    }
    const events = await this.store.readSlot(this.of, after, bounds);
    this.events.push(...events);
    return { kind: 'slot', slot: this.of, after, bounds, events };
  }
}
