import { Clock, DomainError } from '#platform/kernel';

export interface RateLimitOptions {
  /** Calls that one source may make in a window. */
  readonly limit: number;
  readonly windowMs: number;
  /** Sources that are remembered at once; the oldest window is forgotten first. */
  readonly maxSources?: number;
}

/** Counts calls a source in fixed windows. In memory and a process: it slows guessing down, it does not bill. */
export class RateLimit {
  private readonly windows = new Map<string, { startedAt: number; count: number }>();

  constructor(
    private readonly options: RateLimitOptions,
    private readonly clock: Clock,
  ) {}

  /** Counts a call; throws `rate.exceeded` with `retryAfterMs` when the source has made too many. */
  take(source: string): void {
    const now = this.clock.now();
    let window = this.windows.get(source);
    if (window === undefined || now - window.startedAt >= this.options.windowMs) {
      this.windows.delete(source);
      window = { startedAt: now, count: 0 };
      this.windows.set(source, window);
      if (this.windows.size > (this.options.maxSources ?? 10_000)) this.forgetOldest();
    }
    if (window.count >= this.options.limit) {
      throw new DomainError('rate.exceeded', undefined, {
        retryAfterMs: window.startedAt + this.options.windowMs - now,
      });
    }
    window.count += 1;
  }

  // Insertion order is the order of window starts, since a new window is inserted anew.
  private forgetOldest(): void {
    const [oldest] = this.windows.keys();
    if (oldest !== undefined) this.windows.delete(oldest);
  }
}
