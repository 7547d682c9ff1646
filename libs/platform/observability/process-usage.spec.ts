import { expect, it } from 'vitest';
import { CpuUsage, memoryPercent } from './process-usage.ts';

it('a process that computes uses the CPU, in percent', () => {
  const cpu = new CpuUsage();
  const until = performance.now() + 30;
  while (performance.now() < until) Math.sqrt(until);
  const percent = cpu.percent();
  expect(percent).toBeGreaterThan(0);
  expect(percent).toBeLessThanOrEqual(100);
});

it('a process whose event loop has no time left is at its limit, however many cores there are', () => {
  const cpu = new CpuUsage();
  const until = performance.now() + 30;
  while (performance.now() < until) Math.sqrt(until);
  expect(cpu.percent()).toBeGreaterThan(95);
});

it('memory in use is a part of what there is', () => {
  expect(memoryPercent()).toBeGreaterThan(0);
  expect(memoryPercent()).toBeLessThan(100);
});
