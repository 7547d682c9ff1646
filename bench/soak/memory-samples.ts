import { setTimeout as delay } from 'node:timers/promises';
import type { Figure } from '../support/figures.ts';
import { type Point, type Trend, trendOf } from './trend.ts';

/** A process that says at `metricsUrl` what memory it has. */
export interface Watched {
  readonly name: string;
  readonly metricsUrl: string;
}

interface Sample {
  readonly hours: number;
  /** MiB. */
  readonly rss: number;
  readonly heap: number;
}

const everyMs = 10_000;
const mebibyte = 1_024 ** 2;
const hourMs = 3_600_000;

/** What processes say of their memory every ten seconds, once they have warmed up. */
export class MemorySamples {
  private readonly samples = new Map<string, Sample[]>();

  constructor(private readonly watched: readonly Watched[]) {
    for (const { name } of watched) this.samples.set(name, []);
  }

  /** @param onSample called with one line each time, the ones that do not count as well */
  async take(warmUpMs: number, forMs: number, onSample: (line: string) => void): Promise<void> {
    const began = performance.now();
    for (let elapsed = 0; elapsed < warmUpMs + forMs; elapsed = performance.now() - began) {
      const now = await Promise.all(this.watched.map((process) => this.sampleOf(process, elapsed / hourMs)));
      const lines = now.map(({ rss, heap }, index) => {
        const { name } = this.watched[index]!;
        if (elapsed >= warmUpMs) this.samples.get(name)!.push({ hours: elapsed / hourMs, rss, heap });
        return `${name} ${rss.toFixed(0)} MiB (heap ${heap.toFixed(0)})`;
      });
      onSample(`${(elapsed / 60_000).toFixed(1)} min${elapsed < warmUpMs ? ', warming up' : ''}: ${lines.join(', ')}`);
      await delay(everyMs - ((performance.now() - began) % everyMs));
    }
  }

  figures(): Figure[] {
    return this.watched.flatMap(({ name }) => {
      const samples = this.samples.get(name)!;
      const rss = samples.map(({ hours, rss: y }) => ({ x: hours, y }));
      return [
        ...figuresOf(`${name}: RSS`, rss),
        ...figuresOf(`${name}: heap after collections`, lowestOfMinutes(samples)),
      ];
    });
  }

  private async sampleOf({ metricsUrl }: Watched, hours: number): Promise<Sample> {
    const text = await (await fetch(metricsUrl)).text();
    return {
      hours,
      rss: valueOf(text, 'process_resident_memory_bytes') / mebibyte,
      heap: valueOf(text, 'nodejs_heap_size_used_bytes') / mebibyte,
    };
  }
}

/** The heap grows until it is collected: what stays is seen in the lowest of its samples. */
function lowestOfMinutes(samples: readonly Sample[]): Point[] {
  const lowest = new Map<number, Point>();
  for (const { hours, heap } of samples) {
    const minute = Math.floor(hours * 60);
    if (heap < (lowest.get(minute)?.y ?? Infinity)) lowest.set(minute, { x: hours, y: heap });
  }
  return [...lowest.values()];
}

function figuresOf(name: string, points: readonly Point[]): Figure[] {
  const trend: Trend = trendOf(points);
  const values = points.map(({ y }) => y);
  return [
    { name: `${name}, first`, value: values[0] ?? Number.NaN, unit: 'MiB' },
    { name: `${name}, at most`, value: Math.max(...values), unit: 'MiB' },
    { name: `${name}, at the end`, value: values.at(-1) ?? Number.NaN, unit: 'MiB' },
    { name: `${name}, slope`, value: trend.slope, unit: 'MiB/h' },
    { name: `${name}, scatter about the line`, value: trend.scatter, unit: 'MiB' },
    { name: `${name}, flat`, value: trend.flat ? 1 : 0, unit: '(1 = yes)', target: '1' },
  ];
}

function valueOf(metrics: string, name: string): number {
  return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, 'm').exec(metrics)?.[1]);
}
