import { createHistogram } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';

/** From commit to socket, in milliseconds, since it was last asked for. */
@Injectable()
export class DeliveryLatency {
  private readonly histogram = createHistogram({ lowest: 1, highest: 60_000, figures: 2 });

  observe(milliseconds: number): void {
    this.histogram.record(Math.min(60_000, Math.max(1, Math.round(milliseconds))));
  }

  /** 0 when nothing was delivered. */
  takeP95(): number {
    const { count } = this.histogram;
    const p95 = count === 0 ? 0 : this.histogram.percentile(95);
    this.histogram.reset();
    return p95;
  }
}
