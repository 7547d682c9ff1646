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

it('memory in use is a part of what there is', () => {
  expect(memoryPercent()).toBeGreaterThan(0);
  expect(memoryPercent()).toBeLessThan(100);
});
