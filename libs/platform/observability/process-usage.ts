import os from 'node:os';
import { performance } from 'node:perf_hooks';

/** CPU in use by this process, between two looks, in percent of the cores that it may use. */
export class CpuUsage {
  private last = { at: performance.now(), usage: process.cpuUsage() };

  percent(): number {
    const at = performance.now();
    const { user, system } = process.cpuUsage(this.last.usage);
    const elapsed = at - this.last.at;
    this.last = { at, usage: process.cpuUsage() };
    // cpuUsage is in microseconds.
    return elapsed === 0 ? 0 : Math.min(100, (user + system) / 10 / elapsed / os.availableParallelism());
  }
}

/**
 * Time in which the event loop of this thread had something to do, between two looks, in percent. A gateway does nearly all its
 * work on that loop: with four cores it is at its limit at a quarter of them, which CPU does not show.
 */
export class LoopUsage {
  private last = performance.eventLoopUtilization();

  percent(): number {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.last);
    this.last = now;
    return 100 * utilization;
  }
}

/** Memory in use by this process, in percent of what its container, or else the machine, has. */
export function memoryPercent(): number {
  const constrained = process.constrainedMemory();
  const total = os.totalmem();
  // Without a limit the kernel says a number that no machine has; where it does not know, Node.js says 0.
  const limit = constrained > 0 && constrained < total ? constrained : total;
  return (100 * process.memoryUsage.rss()) / limit;
}
