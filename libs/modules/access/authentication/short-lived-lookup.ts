import { Clock } from '#platform/kernel';

/** The longest that a revocation made by another process stays unseen. */
const keptMs = 3000;
const maxEntries = 10_000;

interface Entry<V> {
  readonly value: Promise<V | undefined>;
  readonly until: number;
}

/**
 * Remembers what a look-up found for 3 seconds. Concurrent look-ups of one key share a query; what was not found and
 * what failed is not remembered.
 */
export class ShortLivedLookup<V> {
  private readonly entries = new Map<string, Entry<V>>();

  constructor(
    private readonly load: (key: string) => Promise<V | undefined>,
    private readonly clock: Clock,
  ) {}

  async get(key: string): Promise<V | undefined> {
    const now = this.clock.now();
    const known = this.entries.get(key);
    if (known !== undefined && known.until > now) return known.value;
    const value = this.load(key);
    this.entries.delete(key);
    this.entries.set(key, { value, until: now + keptMs });
    if (this.entries.size > maxEntries) this.forgetOldest();
    try {
      const found = await value;
      if (found === undefined) this.forget(key, value);
      return found;
    } catch (error) {
      this.forget(key, value);
      throw error;
    }
  }

  /** Called by whoever changes the rows, so that this process sees the change at once. */
  clear(): void {
    this.entries.clear();
  }

  private forget(key: string, value: Promise<V | undefined>): void {
    if (this.entries.get(key)?.value === value) this.entries.delete(key);
  }

  private forgetOldest(): void {
    const [oldest] = this.entries.keys();
    if (oldest !== undefined) this.entries.delete(oldest);
  }
}
