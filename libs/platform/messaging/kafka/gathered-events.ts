import type { RecordedEvent } from '#platform/event-store';

/** Milliseconds from the first event to when it is passed on, with what came after it. */
const gatherMs = 80;
/** From either on, whoever brings more has to wait: few events may be large, and many small ones are work for the sink. */
const most = { events: 2_000, bytes: 8 * 1024 * 1024 };

/**
 * A broker brings events partition by partition, and as few as there are. Passed on at once, each few would begin a
 * transaction of every projection; gathered, many share one.
 */
export class GatheredEvents {
  private events: RecordedEvent[] = [];
  /** Of their data. */
  private bytes = 0;
  private epoch: string | undefined;
  private passing: Promise<void> | undefined;
  private passNow: (() => void) | undefined;
  private stopped = false;

  /** @param pass takes events of one epoch and resolves when there is room for more; must not throw */
  constructor(
    private readonly pass: (events: readonly RecordedEvent[], epoch: string) => Promise<void>,
    private readonly afterMs = gatherMs,
  ) {}

  /** Resolves when there is room for more. Events of a slot are passed on as they were added; of an older epoch, not at all. */
  async add(events: readonly RecordedEvent[], epoch: string): Promise<void> {
    if (this.stopped) return;
    if (epoch !== this.epoch) this.takeAll();
    this.epoch = epoch;
    this.events.push(...events);
    for (const { dataJson } of events) this.bytes += Buffer.byteLength(dataJson);
    this.passing ??= this.passSoon();
    // Nothing joins what is full, so it gains nothing by the rest of its while.
    if (this.isFull) this.passNow?.();
    while (this.isFull) await this.passing;
  }

  /** Lets go of what has not been passed on: the log has it. */
  stop(): void {
    this.stopped = true;
    this.takeAll();
    this.passNow?.();
  }

  private get isFull(): boolean {
    return this.events.length >= most.events || this.bytes >= most.bytes;
  }

  private takeAll(): readonly RecordedEvent[] {
    const { events } = this;
    this.events = [];
    this.bytes = 0;
    return events;
  }

  private async passSoon(): Promise<void> {
    if (!this.isFull) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.passNow = resolve;
        timer = setTimeout(resolve, this.afterMs);
      });
      clearTimeout(timer);
    }
    const events = this.takeAll();
    if (events.length > 0) await this.pass(events, this.epoch!);
    this.passing = this.events.length > 0 ? this.passSoon() : undefined;
  }
}
