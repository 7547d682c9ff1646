import { readFileSync } from 'node:fs';
import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { getToken } from '@willsoto/nestjs-prometheus';
import { type Histogram, register } from 'prom-client';
import { afterEach, expect, it } from 'vitest';
import { metrics } from './metrics.ts';
import { MetricsModule } from './metrics.module.ts';

const page = readFileSync(new URL('../../../docs/reference/metrics.md', import.meta.url), 'utf8');
const documented = new Map(
  [...page.matchAll(/^\| `(\w+)` \| (\w+) \| ([^|]*) \| ([^|]+) \|$/gm)].map((row) => [row[1]!, row] as const),
);

afterEach(() => register.clear());

it('documents every metric that is declared, and no other', () => {
  expect([...documented.keys()].sort()).toEqual(Object.keys(metrics).sort());
});

it.each(Object.entries(metrics))('documents the kind and the labels of %s', (name, metric) => {
  const [, , kind, labels] = documented.get(name)!;
  expect(kind).toBe(metric.kind);
  expect([...labels!.matchAll(/`(\w+)`/g)].map((match) => match[1])).toEqual(
    'labels' in metric ? [...metric.labels] : [],
  );
});

it('lets two applications of one process share the registry', async () => {
  // Nest takes a class that is imported twice for one module, hence two of them.
  @Module({ imports: [MetricsModule.forRoot()] })
  class First {}
  @Module({ imports: [MetricsModule.forRoot()] })
  class Second {}
  const first = await Test.createTestingModule({ imports: [First] }).compile();
  const second = await Test.createTestingModule({ imports: [Second] }).compile();
  const latency = first.get<Histogram>(getToken('websocket_message_latency'));
  expect(second.get<Histogram>(getToken('websocket_message_latency'))).toBe(latency);
  latency.observe(30);
  expect(await register.metrics()).toContain('websocket_message_latency_bucket{le="50"} 1');
});
