import { type EventLoopUtilization, performance } from 'node:perf_hooks';

/**
 * How events are merged into frames. The rule: while the loop is under 60 % busy, a room is written at the end of the
 * turn in which its events came; above 60 % a room is written at most every 25 ms, above 80 % every 100 ms. A frame costs
 * a system call for each subscriber, so under load merging is what keeps the rest of the latency low.
 */
export class FlushPace {
  private last: EventLoopUtilization = performance.eventLoopUtilization();
  private sampledAt = performance.now();
  private gap = 0;

  constructor(private readonly sampleMs = 250) {}

  /** Milliseconds that must lie between two writes of one room. */
  gapMs(now: number): number {
    if (now - this.sampledAt >= this.sampleMs) {
      const current = performance.eventLoopUtilization();
      this.gap = gapAt(performance.eventLoopUtilization(current, this.last).utilization);
      this.last = current;
      this.sampledAt = now;
    }
    return this.gap;
  }
}

/** The rule itself. @param utilization of the event loop, 0…1 */
export function gapAt(utilization: number): number {
  if (utilization > 0.8) return 100;
  return utilization > 0.6 ? 25 : 0;
}
