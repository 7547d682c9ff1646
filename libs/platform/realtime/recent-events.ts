import type { RecordedEvent } from '#platform/event-store';
import type { RecentBudget } from './recent-budget.ts';

/** The newest events of a room, consecutive and bounded by bytes of data: the room's own, and those of all rooms. */
export class RecentEvents {
  private events: RecordedEvent[] = [];
  private bytes = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly budget: RecentBudget,
  ) {}

  add(event: RecordedEvent): void {
    this.events.push(event);
    this.bytes += event.dataJson.length;
    // Down to the bound only when twice it is reached: taking one off the front for each one added would move them all.
    if (this.bytes > 2 * this.maxBytes) this.shrink();
    this.budget.note(this, this.bytes);
  }

  /** The events after a version; undefined when none follow or when they do not reach back that far. */
  after(version: number): RecordedEvent[] | undefined {
    const first = this.events[0]?.version;
    if (first === undefined || version + 1 < first) return undefined;
    const events = this.events.slice(version + 1 - first);
    return events.length === 0 ? undefined : events;
  }

  clear(): void {
    this.events = [];
    this.bytes = 0;
    this.budget.note(this, 0);
  }

  private shrink(): void {
    let count = 0;
    while (this.bytes > this.maxBytes && count < this.events.length) {
      this.bytes -= this.events[count]!.dataJson.length;
      count += 1;
    }
    this.events.splice(0, count);
  }
}
