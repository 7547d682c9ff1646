import type { RecordedEvent } from '#platform/event-store';

/** Milliseconds from the first event to when it is passed on, with what came after it. */
const gatherMs = 80;
/** Above it whoever brings more has to wait. */
const mostEvents = 2_000;

/**
 * A broker brings events partition by partition, and as few as there are. Passed on at once, each few would begin a
 * transaction of every projection; gathered, many share one.
 */
export class GatheredEvents {
  private events: RecordedEvent[] = [];
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
    if (epoch !== this.epoch) this.events = [];
    this.epoch = epoch;
    this.events.push(...events);
    this.passing ??= this.passSoon();
    while (this.events.length >= mostEvents) await this.passing;
  }

  /** Lets go of what has not been passed on: the log has it. */
  stop(): void {
    this.stopped = true;
    this.events = [];
    this.passNow?.();
  }

  private async passSoon(): Promise<void> {
    if (this.events.length < mostEvents) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.passNow = resolve;
        timer = setTimeout(resolve, this.afterMs);
      });
      clearTimeout(timer);
    }
    const events = this.events.splice(0);
    if (events.length > 0) await this.pass(events, this.epoch!);
    this.passing = this.events.length > 0 ? this.passSoon() : undefined;
  }
}
