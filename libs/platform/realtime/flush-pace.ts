import { type EventLoopUtilization, performance } from 'node:perf_hooks';

/** How busy the loop has been since the last call, 0…1. */
export type Utilization = () => number;

/** Above `busy` rooms are merged more, below `idle` less; between the two the gap has found its place. */
const busy = 0.85;
const idle = 0.65;
const firstGapMs = 8;
/** People see a tenth of a second; beyond it merging wins little, since a frame's cost is mostly its system call. */
const maxGapMs = 120;

/**
 * How events are merged into frames. A frame costs a system call of some 10 µs for each subscriber, whatever it holds, so
 * a loop that is busy writes fewer and larger ones. The rule: a room is written at the end of the turn in which its events
 * came, as long as the loop has time. Every 100 ms in which its own work took more than 85 % of it, the time that must lie between
 * two writes of one room grows by half, from 8 up to 120 ms; every 100 ms in which it was less than 65 % busy it shrinks
 * by a quarter, down to none. Fixed steps would swing: merging frees the loop, which ends the merging.
 */
export class FlushPace {
  private sampledAt = performance.now();
  private gap = 0;

  constructor(
    private readonly utilization: Utilization = loopUtilization(),
    private readonly sampleMs = 100,
  ) {}

  /** Milliseconds that must lie between two writes of one room. @param now of the monotonic clock */
  gapMs(now: number): number {
    if (now - this.sampledAt >= this.sampleMs) {
      this.sampledAt = now;
      this.gap = nextGap(this.gap, this.utilization());
    }
    return this.gap;
  }
}

/** The rule itself. */
export function nextGap(gap: number, utilization: number): number {
  if (utilization > busy) return Math.min(Math.max(gap * 1.5, firstGapMs), maxGapMs);
  if (utilization >= idle) return gap;
  return gap <= firstGapMs ? 0 : gap * 0.75;
}

/** From here on the loop has no moment left in which it waits for something. */
const neverIdle = 0.98;

/**
 * How much of the loop's time its own work takes. A loop that waits for a core is told as active, so on a machine where
 * others take the cores it seems busy with next to nothing to do, and merging would only delay; its CPU tells. One that is
 * never idle is behind, whoever is to blame: there merging helps, also where a container's limit holds the CPU down.
 *
 * @param active of the elapsed time the loop was not idle, 0…1 @param cpu of it this process has used a core, 0…
 */
export function ownWork(active: number, cpu: number): number {
  return active >= neverIdle ? active : Math.min(active, cpu);
}

function loopUtilization(): Utilization {
  let last: EventLoopUtilization = performance.eventLoopUtilization();
  let used = process.cpuUsage();
  let at = performance.now();
  return () => {
    const current = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(current, last);
    const now = performance.now();
    const { user, system } = process.cpuUsage(used);
    // cpuUsage is in microseconds.
    const cpu = (user + system) / 1_000 / Math.max(1, now - at);
    [last, used, at] = [current, process.cpuUsage(), now];
    return ownWork(utilization, cpu);
  };
}
