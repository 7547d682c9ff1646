import { readFileSync } from 'node:fs';
import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { getToken } from '@willsoto/nestjs-prometheus';
import { Counter, Histogram, register } from 'prom-client';
import { afterEach, expect, it } from 'vitest';
import { metrics } from './metrics.ts';
import { MetricsModule, type MetricsOptions } from './metrics.module.ts';
import { type ProcessMetrics, Scrape } from './scrape.ts';

const page = readFileSync(new URL('../../../docs/reference/metrics.md', import.meta.url), 'utf8');
const documented = new Map(
  [...page.matchAll(/^\| `(\w+)` \| (\w+) \| (\w+) \| ([^|]*) \| ([^|]+) \|$/gm)].map((row) => [row[1]!, row] as const),
);

afterEach(() => register.clear());

it('documents every metric that is declared, and no other', () => {
  expect([...documented.keys()].sort()).toEqual(Object.keys(metrics).sort());
});

it.each(Object.entries(metrics))('documents the kind, the process and the labels of %s', (name, metric) => {
  const [, , kind, of, labels, help] = documented.get(name)!;
  expect([kind, of, help]).toEqual([metric.kind, metric.of, metric.help]);
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

it('gives a process its own metrics, and those that each has', async () => {
  const names = (options: MetricsOptions) =>
    MetricsModule.forRoot(options).exports!.flatMap((provider) => {
      const { provide } = provider as { provide: unknown };
      return typeof provide === 'string' ? [provide] : [];
    });
  expect(names({ process: 'projector' })).not.toContain(getToken('websocket_connections'));
  expect(names({ process: 'gateway' })).not.toContain(getToken('testcast_parked_streams'));
  for (const process of ['gateway', 'projector'] as const)
    expect(names({ process })).toContain(getToken('testcast_append_seconds'));
});

it('sums what two processes count where one speaks for both, and does without the one that is silent', async () => {
  const histogram = new Histogram({ name: 'seconds', help: 'h', buckets: [1] });
  const counter = new Counter({ name: 'total', help: 'h', labelNames: ['code'] });
  histogram.observe(0.5);
  counter.inc({ code: 'a' }, 2);
  const other = JSON.parse(JSON.stringify(await new Scrape().own())) as ProcessMetrics;
  histogram.observe(3);
  counter.inc({ code: 'b' });
  const both = await new Scrape(async () => [other]).page();
  expect(both).toContain('seconds_bucket{le="1"} 2');
  expect(both).toContain('seconds_count 3');
  expect(both).toContain('total{code="a"} 4');
  expect(both).toContain('total{code="b"} 1');
  expect(await new Scrape(async () => []).page()).toContain('total{code="a"} 2');
});
