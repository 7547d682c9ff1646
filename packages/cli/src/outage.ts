import type { StatusLine } from './status-line.ts';

/** Told again after so long, then after twice as long each time: six lines in the five minutes of an upload. */
const firstMs = 5_000;
/** As long without a failure is a new story, which is told at once. */
const wellForMs = 60_000;

export interface OutageOptions {
  line: StatusLine;
  now?: () => number;
}

/**
 * Tells that the server is away: when it begins, at growing distance while it lasts, and when it is back. A terminal shows
 * each attempt in one line that is drawn over; the log of a CI job gets no line for each. Outages that follow each other
 * closely, as when a server sheds load, share the distance: they would be a line each else.
 */
export class Outage {
  private readonly line: StatusLine;
  private readonly now: () => number;
  private since: number | undefined;
  private lastFailureAt = -Infinity;
  private tellAt = -Infinity;
  private distanceMs = firstMs;
  private isTold = false;

  constructor({ line, now = Date.now }: OutageOptions) {
    this.line = line;
    this.now = now;
  }

  /** An attempt has failed, and there will be another one. */
  failed(reason: string): void {
    const now = this.now();
    if (now - this.lastFailureAt >= wellForMs && this.since === undefined) this.forget();
    this.lastFailureAt = now;
    this.since ??= now;
    const forText = now === this.since ? '' : ` for ${secondsOf(now - this.since)}`;
    const text = `waiting for the server${forText}: ${reason}`;
    if (this.line.isDrawable) this.line.draw(text);
    if (now < this.tellAt) return;
    if (!this.line.isDrawable) this.line.print(text);
    this.isTold = true;
    this.tellAt = now + this.distanceMs;
    this.distanceMs *= 2;
  }

  /** The server has answered. `waiting`: what is to be done now, such as `2 files wait to be sent`. */
  over(waiting = ''): void {
    if (this.since === undefined) return;
    const tail = waiting === '' ? '' : `; ${waiting}`;
    if (this.isTold) this.line.print(`the server is back after ${secondsOf(this.now() - this.since)}${tail}`);
    this.end();
  }

  /** Nobody waits any more: what is drawn goes. */
  end(): void {
    this.line.clear();
    this.since = undefined;
    this.isTold = false;
  }

  private forget(): void {
    this.tellAt = -Infinity;
    this.distanceMs = firstMs;
  }
}

/** 0.4 s, 12 s, 3 min 5 s. */
function secondsOf(ms: number): string {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
