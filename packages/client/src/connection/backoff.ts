export interface BackoffOptions {
  /** Upper bound of the first wait; default 500 ms. */
  baseMs?: number | undefined;
  /** Upper bound of every wait; default 20 s. */
  capMs?: number | undefined;
  /** 0…1; for tests that must be repeatable. */
  random?: (() => number) | undefined;
}

/**
 * Waits with full jitter: anything between 0 and a bound that doubles. The first one too: clients that a restart cut
 * off at the same instant would otherwise come back at the same instant.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export class Backoff {
  private readonly baseMs: number;
  private readonly capMs: number;
  private readonly random: () => number;
  private attempt = 0;

  constructor(options: BackoffOptions = {}) {
    this.baseMs = options.baseMs ?? 500;
    this.capMs = options.capMs ?? 20_000;
    this.random = options.random ?? Math.random;
  }

  /** Milliseconds to wait before the next attempt; at least `atLeastMs` when a server asked for that. */
  next(atLeastMs = 0): number {
    const bound = Math.min(this.capMs, this.baseMs * 2 ** this.attempt);
    this.attempt = Math.min(this.attempt + 1, 30);
    // On top of what the server asked for: it told all its clients the same number.
    return Math.round(atLeastMs + this.random() * bound);
  }

  reset(): void {
    this.attempt = 0;
  }
}
