import { expect, it } from 'vitest';
import { CpuUsage, LoopUsage, memoryPercent } from './process-usage.ts';

it('a process that computes uses the CPU, in percent', () => {
  const cpu = new CpuUsage();
  const until = performance.now() + 30;
  while (performance.now() < until) Math.sqrt(until);
  const percent = cpu.percent();
  expect(percent).toBeGreaterThan(0);
  expect(percent).toBeLessThanOrEqual(100);
});

it('an event loop that has no time left is at its limit, however many cores there are', () => {
  const loop = new LoopUsage();
  const until = performance.now() + 30;
  while (performance.now() < until) Math.sqrt(until);
  expect(loop.percent()).toBeGreaterThan(95);
});

it('memory in use is a part of what there is', () => {
  expect(memoryPercent()).toBeGreaterThan(0);
  expect(memoryPercent()).toBeLessThan(100);
});
