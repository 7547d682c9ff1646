import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { eventually } from '#platform/testing';
import { ProcessUsage } from './process-usage.ts';

describe('of its cores', () => {
  it('a process that has time left uses a part', async () => {
    const usage = new ProcessUsage();
    await eventually(() => {
      const percent = usage.cpuPercent();
      expect(percent).toBeGreaterThan(0);
      expect(percent).toBeLessThan(95);
    });
  });

  it(`a process whose event loop has no time left is at its limit, although there are ${availableParallelism()}`, () => {
    const usage = new ProcessUsage();
    const until = performance.now() + 30;
    while (performance.now() < until) Math.sqrt(until);
    expect(usage.cpuPercent()).toBeGreaterThan(95);
  });
});

describe('of its memory', () => {
  const MiB = 1024 * 1024;

  it('a process uses a part of what the machine has', () => {
    const usage = new ProcessUsage();
    expect(usage.memoryPercent()).toBeGreaterThan(0);
    expect(usage.memoryPercent()).toBeLessThan(100);
  });

  it('a process whose heap is nearly full is, although the machine has more', () => {
    const usage = new ProcessUsage(1536 * MiB, () => ({ rss: 10 * MiB, heapUsed: 1398 * MiB }));
    expect(usage.memoryPercent()).toBeCloseTo(91, 0);
  });

  it('garbage that the next look does not find does not count', () => {
    const heap = [90, 20, 90, 90, 90];
    const usage = new ProcessUsage(100 * MiB, () => ({ rss: 0, heapUsed: heap.shift()! * MiB }));
    expect([1, 2, 3, 4, 5].map(() => usage.memoryPercent())).toEqual([90, 20, 20, 20, 90]);
  });

  it('is never more than all of it', () => {
    expect(new ProcessUsage(100 * MiB, () => ({ rss: 0, heapUsed: 110 * MiB })).memoryPercent()).toBe(100);
  });
});
