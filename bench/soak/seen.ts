import type { LoadReport } from '../live/load-report.ts';

/** What all subscribers of a long run have seen. */
export class Seen {
  events = 0;
  missing = 0;
  repeated = 0;
  reconnects = 0;
  sockets = 0;
  notAccepted = 0;

  /** @param expected deliveries; undefined where those who come back are not told live what they missed */
  add(report: LoadReport, expected?: number): void {
    this.events += report.events;
    this.missing += Math.max(
      report.missing + report.behindEvents,
      expected === undefined ? 0 : expected - report.events + report.repeated,
    );
    this.repeated += report.repeated;
    this.reconnects += report.reconnects;
    this.sockets += report.ready;
  }
}
