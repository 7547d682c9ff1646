import type { CallerSpan } from './result-trace.ts';

/** An event that a request brought and that is traced. */
export interface TracedEvent {
  readonly eventId: string;
  readonly stream: string;
  readonly type: string;
  readonly version: number;
}

/** At most so many results of one request get a span for its arrival: a report file may bring a hundred thousand. */
export const tracedPerRequest = 100;

/** A request or a message on its way through the process, and what became of it. Times are of the monotonic clock. */
export class Receipt {
  readonly traced: TracedEvent[] = [];
  command: { readonly name: string; readonly began: number; ended: number } | undefined;
  /** From the first append's arrival to the last one's commit, and how many events they stored. */
  appended: { readonly began: number; ended: number; events: number } | undefined;

  constructor(
    readonly name: string,
    readonly began: number,
    readonly caller?: CallerSpan | undefined,
  ) {}

  noteAppend(began: number, ended: number, events: number): void {
    this.appended ??= { began, ended, events: 0 };
    this.appended.ended = ended;
    this.appended.events += events;
  }

  noteTraced(event: TracedEvent): void {
    if (this.traced.length < tracedPerRequest) this.traced.push(event);
  }
}
