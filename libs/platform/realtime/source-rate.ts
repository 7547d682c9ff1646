import type { ConnectRate } from './realtime-options.ts';

interface Bucket {
  tokens: number;
  at: number;
}

/** A token bucket for each source address. */
export class SourceRate {
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    private readonly rate: ConnectRate,
    private readonly maxSources = 10_000,
  ) {}

  /**
   * Takes a token of the source.
   * @param now milliseconds of a monotonic clock
   * @returns 0, or the milliseconds until there is one
   */
  take(source: string, now: number): number {
    const { perSecond, burst } = this.rate;
    const bucket = this.buckets.get(source);
    const tokens =
      bucket === undefined ? burst : Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
    // Inserted anew, so that the first key is the one unused for longest.
    this.buckets.delete(source);
    const left = tokens < 1 ? tokens : tokens - 1;
    this.buckets.set(source, { tokens: left, at: now });
    if (this.buckets.size > this.maxSources) this.forgetOldest();
    return tokens < 1 ? Math.ceil(((1 - tokens) / perSecond) * 1000) : 0;
  }

  // A flood of addresses must not grow the map; who is forgotten starts with a full bucket.
  private forgetOldest(): void {
    const [oldest] = this.buckets.keys();
    if (oldest !== undefined) this.buckets.delete(oldest);
  }
}
