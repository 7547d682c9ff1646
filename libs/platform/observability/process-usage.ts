import os from 'node:os';
import { performance } from 'node:perf_hooks';
import v8 from 'node:v8';

/** Garbage counts as used until it is collected: the lowest of as many looks is what is really held (ADR 21). */
const looksTogether = 3;

type MemoryReading = Pick<NodeJS.MemoryUsage, 'rss' | 'heapUsed'>;

/** How near a process is to its limits, in percent, each from one look to the next: whoever looks has one of its own. */
export class ProcessUsage {
  private readonly cpu = new CpuUsage();
  private readonly loop = new LoopUsage();
  private readonly memory: number[] = [];

  /** @param heapLimitBytes at which its heap counts as full; default: what V8 gives */
  constructor(
    private readonly heapLimitBytes = v8.getHeapStatistics().heap_size_limit,
    private readonly read: () => MemoryReading = process.memoryUsage,
  ) {}

  /** Of its cores, or of the time of its event loop where that is more. */
  cpuPercent(): number {
    return Math.max(this.cpu.percent(), this.loop.percent());
  }

  /** Of what its container, or else the machine, has, or of its heap where that is more: it is full with the first of them. */
  memoryPercent(): number {
    const { rss, heapUsed } = this.read();
    this.memory.push(Math.min(100, 100 * Math.max(rss / memoryBytes(), heapUsed / this.heapLimitBytes)));
    if (this.memory.length > looksTogether) this.memory.shift();
    return Math.min(...this.memory);
  }
}

/** CPU in use by this process, between two looks, in percent of the cores that it may use. */
class CpuUsage {
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
class LoopUsage {
  private last = performance.eventLoopUtilization();

  percent(): number {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.last);
    this.last = now;
    return 100 * utilization;
  }
}

function memoryBytes(): number {
  const constrained = process.constrainedMemory();
  const total = os.totalmem();
  // Without a limit the kernel says a number that no machine has; where it does not know, Node.js says 0.
  return constrained > 0 && constrained < total ? constrained : total;
}
