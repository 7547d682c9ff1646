import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { slotOf } from '#platform/event-store';
import { ProjectionMetrics } from './projection-metrics.ts';

/** Metrics of a registry of their own: tests run many engines in one process. */
export function newTestMetrics(): ProjectionMetrics {
  const labelled = (name: string) => ({ name, help: name, labelNames: ['projection'], registers: [new Registry()] });
  return new ProjectionMetrics(
    new Gauge(labelled('lag')),
    new Histogram(labelled('batch_events')),
    new Histogram(labelled('batch_seconds')),
    new Counter(labelled('retries')),
    new Gauge(labelled('stopped')),
    new Gauge(labelled('parked')),
  );
}

/** Names of streams in so many slots, two a slot, since what happens to a neighbour is half of what can go wrong. */
export function streamsInPairs(slots: number): string[] {
  const bySlot = new Map<number, string[]>();
  for (let n = 0; [...bySlot.values()].filter(({ length }) => length === 2).length < slots; n++) {
    const stream = `run:p/${n}`;
    const slot = slotOf(stream);
    const known = bySlot.get(slot) ?? [];
    if (known.length < 2) bySlot.set(slot, [...known, stream]);
  }
  return [...bySlot.values()].filter(({ length }) => length === 2).flat();
}
