import { writeSync } from 'node:fs';
import { quantile } from '../support/figures.ts';
import type { Latencies } from './load-report.ts';
import { nowMicros } from './publishing.ts';

const counts = [
  'frames',
  'events',
  'bytes',
  'reads',
  'missing',
  'repeated',
  'overlapping',
  'replayed',
  'reconnects',
  'lost',
  'cut',
  'moved',
  'refused',
  'errors',
  'resets',
] as const;
const times = ['latency', 'replay', 'upgraded', 'joined', 'away'] as const;

export interface Place {
  readonly room: string;
  /** Offset of the newest event seen; undefined before the first. */
  readonly last: number | undefined;
}

/** What the subscribers of one process saw since the last mark. Every time is kept: this is for low rates. */
export class Tally {
  readonly now = nowMicros;
  readonly heads = new Map<string, number>();
  private counted = emptyCounts();
  private timed = emptyTimes();
  private began = nowMicros();
  private cpu = process.cpuUsage();

  /** @param arrivals file that each arrival is written to */
  constructor(private readonly arrivals?: number) {}

  /** An event that was due at a time has come. */
  arrived(due: number): void {
    if (this.arrivals !== undefined) writeSync(this.arrivals, `${due} ${nowMicros()}\n`);
  }

  count(what: (typeof counts)[number], by = 1): void {
    this.counted[what] += by;
  }

  time(what: (typeof times)[number], micros: number): void {
    this.timed[what].push(micros);
  }

  clear(): void {
    this.counted = emptyCounts();
    this.timed = emptyTimes();
    this.began = nowMicros();
    this.cpu = process.cpuUsage();
  }

  report(report: string, ready: number, places: readonly Place[]): object {
    const lacking = places.map(({ room, last }) => (last === undefined ? 0 : (this.heads.get(room) ?? 0) - last));
    const { user, system } = process.cpuUsage(this.cpu);
    return {
      report,
      us: nowMicros(),
      seconds: (nowMicros() - this.began) / 1e6,
      cpuSeconds: (user + system) / 1e6,
      ready,
      behind: lacking.filter((events) => events > 0).length,
      behindEvents: lacking.reduce((sum, events) => sum + Math.max(0, events), 0),
      ...this.counted,
      ...Object.fromEntries(times.map((name) => [name, latenciesOf(this.timed[name])])),
    };
  }
}

function emptyCounts(): Record<(typeof counts)[number], number> {
  return Object.fromEntries(counts.map((name) => [name, 0])) as Record<(typeof counts)[number], number>;
}

function emptyTimes(): Record<(typeof times)[number], number[]> {
  return Object.fromEntries(times.map((name) => [name, []])) as unknown as Record<(typeof times)[number], number[]>;
}

function latenciesOf(micros: readonly number[]): Latencies {
  const sorted = micros.toSorted((a, b) => a - b);
  const at = (q: number) => (sorted.length === 0 ? 0 : quantile(sorted, q));
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), p999: at(0.999), max: sorted.at(-1) ?? 0 };
}
