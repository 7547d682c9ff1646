export interface BackoffOptions {
  /** Upper bound of the first wait; default 500 ms. */
  baseMs?: number | undefined;
  /** Upper bound of every wait; default 20 s. */
  capMs?: number | undefined;
  /** Upper bound of the waits while they are less than `patienceMs` in all; default 1.5 s. */
  earlyCapMs?: number | undefined;
  /** How long an outage counts as a restart; default 30 s. */
  patienceMs?: number | undefined;
  /** 0…1; for tests that must be repeatable. */
  random?: (() => number) | undefined;
}

/**
 * Waits with full jitter: anything between 0 and a bound that doubles. The first one too: clients that a restart cut
 * off at the same instant would otherwise come back at the same instant. At first the bound stays low: a server that is
 * started again is away for seconds, and bounds that have grown meanwhile keep the last of its clients away for twenty.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export class Backoff {
  private readonly baseMs: number;
  private readonly capMs: number;
  private readonly random: () => number;
  private readonly earlyCapMs: number;
  private readonly patienceMs: number;
  private attempt = 0;
  private waitedMs = 0;

  constructor(options: BackoffOptions = {}) {
    this.baseMs = options.baseMs ?? 500;
    this.capMs = options.capMs ?? 20_000;
    this.earlyCapMs = Math.min(options.earlyCapMs ?? 1500, this.capMs);
    this.patienceMs = options.patienceMs ?? 30_000;
    this.random = options.random ?? Math.random;
  }

  /** Milliseconds to wait before the next attempt; at least `atLeastMs` when a server asked for that. */
  next(atLeastMs = 0): number {
    const early = this.waitedMs < this.patienceMs;
    const bound = Math.min(early ? this.earlyCapMs : this.capMs, this.baseMs * 2 ** this.attempt);
    if (!early || bound < this.earlyCapMs) this.attempt = Math.min(this.attempt + 1, 30);
    // On top of what the server asked for: it told all its clients the same number.
    const waitMs = Math.round(atLeastMs + this.random() * bound);
    this.waitedMs += waitMs;
    return waitMs;
  }

  reset(): void {
    this.attempt = 0;
    this.waitedMs = 0;
  }
}
