import { DomainError } from '#platform/kernel';

const retryAfterMs = 5000;

/** Lets so many do their work at once and a few more wait; the rest are told to come back. */
export class Permits {
  private taken = 0;
  private readonly queue: (() => void)[] = [];

  constructor(
    private readonly atOnce: number,
    private readonly waiting: number,
  ) {}

  /** Throws `rate.exceeded` when too many are waiting. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.acquire();
    try {
      return await work();
    } finally {
      this.release();
    }
  }

  private async acquire(): Promise<void> {
    if (this.taken < this.atOnce) {
      this.taken += 1;
      return;
    }
    if (this.queue.length >= this.waiting) {
      throw new DomainError('rate.exceeded', 'Too many reports are being read; try again soon.', { retryAfterMs });
    }
    // The permit is handed over and not given back, so that nobody who comes later gets in between.
    await new Promise<void>((resolve) => this.queue.push(resolve));
  }

  private release(): void {
    const next = this.queue.shift();
    if (next === undefined) this.taken -= 1;
    else next();
  }
}
