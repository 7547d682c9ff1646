import os from 'node:os';
import { performance } from 'node:perf_hooks';

/**
 * CPU in use by this process, between two looks, in percent of the cores that it may use, or of the time of its event loop where
 * that is more. A gateway does nearly all its work on that loop: with four cores it would be at its limit at a quarter of them,
 * and no alert would see it.
 */
export class CpuUsage {
  private last = { at: performance.now(), usage: process.cpuUsage(), loop: performance.eventLoopUtilization() };

  percent(): number {
    const at = performance.now();
    const { user, system } = process.cpuUsage(this.last.usage);
    const elapsed = at - this.last.at;
    const loop = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(loop, this.last.loop);
    this.last = { at, usage: process.cpuUsage(), loop };
    if (elapsed === 0) return 0;
    // cpuUsage is in microseconds.
    return Math.min(100, Math.max((user + system) / 10 / elapsed / os.availableParallelism(), 100 * utilization));
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
