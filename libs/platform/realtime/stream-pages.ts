import { endsWith, type EventStore, type RecordedEvent, type StreamPage } from '#platform/event-store';
import { type EventsFrame, eventFrames } from './event-frames.ts';
import type { ReadPlaces } from './read-places.ts';

export interface FramedPage {
  readonly events: readonly RecordedEvent[];
  readonly frames: readonly EventsFrame[];
  /** The stream's version when the page was read. */
  readonly head: number;
  readonly epoch: string;
}

const pageBytes = 192 * 1024;
const pageEvents = 2000;
/** Asked for to learn a stream's head alone: above every version, and within 32 bits. */
const beyondEveryVersion = 2 ** 31 - 1;

/**
 * Reads of streams for recovery. Those who ask for the same page at the same time share one read and its frames; full
 * pages, which never change within an epoch, are kept for a crowd that comes back one after another.
 */
export class StreamPages {
  private readonly inFlight = new Map<string, Promise<FramedPage>>();
  private readonly kept = new Map<string, FramedPage>();
  private generation = 0;

  constructor(
    private readonly store: EventStore,
    private readonly places: ReadPlaces,
    /** At most 32 pages of about 512 KiB, events and frames: 16 MiB. */
    private readonly maxKept = 32,
  ) {}

  /**
   * Events after a version, with the frames that carry them.
   *
   * @param known a version that the stream is known to have, above `afterVersion`: a replica that has what the page can
   *   hold of it may answer. Without it the answer is the newest.
   */
  page(stream: string, afterVersion: number, known?: number): Promise<FramedPage> {
    const minVersion = known === undefined ? undefined : Math.min(known, afterVersion + pageEvents);
    const place = `${afterVersion} ${stream}`;
    const kept = this.kept.get(place);
    // Of reads under way only one that is as fresh is shared.
    const key = `${minVersion ?? ''} ${place}`;
    if (kept !== undefined) return Promise.resolve(kept);
    const running = this.inFlight.get(key);
    if (running !== undefined) return running;
    const started = this.read(stream, afterVersion, minVersion, place).finally(() => {
      if (this.inFlight.get(key) === started) this.inFlight.delete(key);
    });
    this.inFlight.set(key, started);
    return started;
  }

  /** The stream's head and the log's epoch. */
  head(stream: string): Promise<StreamPage> {
    return this.places.run(() => this.store.readStream(stream, beyondEveryVersion, { limit: 1 }));
  }

  /** Whether the stream's last event is a lifecycle event of this type. */
  endsWith(stream: string, type: string): Promise<boolean> {
    return this.places.run(() => endsWith(this.store, stream, type));
  }

  /** The one event of that version, if there is one. */
  async event(stream: string, version: number): Promise<RecordedEvent | undefined> {
    const page = await this.places.run(() => this.store.readStream(stream, version - 1, { limit: 1 }));
    return page.events[0];
  }

  /** The log is not what it was. */
  forget(): void {
    this.generation += 1;
    this.kept.clear();
    this.inFlight.clear();
  }

  private async read(
    stream: string,
    afterVersion: number,
    minVersion: number | undefined,
    place: string,
  ): Promise<FramedPage> {
    const { generation } = this;
    const { events, version, epoch } = await this.places.run(() =>
      this.store.readStream(stream, afterVersion, { limit: pageEvents, maxBytes: pageBytes, minVersion }),
    );
    const page: FramedPage = { events, frames: eventFrames(stream, events), head: version, epoch };
    const last = events.at(-1)?.version ?? afterVersion;
    if (last < version && generation === this.generation) this.keep(place, page);
    return page;
  }

  private keep(key: string, page: FramedPage): void {
    this.kept.set(key, page);
    if (this.kept.size <= this.maxKept) return;
    const [oldest] = this.kept.keys();
    if (oldest !== undefined) this.kept.delete(oldest);
  }
}
