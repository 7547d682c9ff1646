import { Injectable } from '@nestjs/common';
import { DomainError } from '#platform/kernel';

const atOnce = 4;
const waiting = 16;
const retryAfterMs = 5000;

/**
 * Reports that may be spooled and parsed at once: each takes up to 256 MiB of disk and half a core. A few more wait, unread,
 * so that the sender's own socket holds them back; the rest are told to come back.
 */
@Injectable()
export class SpoolPermits {
  private taken = 0;
  private readonly queue: (() => void)[] = [];

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
    if (this.taken < atOnce) {
      this.taken += 1;
      return;
    }
    if (this.queue.length >= waiting) {
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
