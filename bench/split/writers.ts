import { randomUUID } from 'node:crypto';
import { initialPlacement, type PostgresEventStore, slotOf } from '#platform/event-store';
import { quantile } from '../support/figures.ts';

export interface Written {
  readonly eventsPerSecond: number;
  /** Milliseconds from an append to its answer. */
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  /** Longest first, those above 60 ms. */
  readonly slowest: readonly TimedAppend[];
}

export interface TimedAppend {
  /** By `performance.now()`. */
  readonly sent: number;
  readonly milliseconds: number;
}

const slowAbove = 60;

const data = { status: 'passed', pad: 'x'.repeat(160) };
const newEvent = () => ({ eventId: randomUUID(), type: 'test.finished', at: Date.now(), data });

/** Names of streams that a partition has at first. */
export function streamsOf(partition: number, count: number): string[] {
  const placement = initialPlacement();
  const streams: string[] = [];
  while (streams.length < count) {
    const stream = `run:bench/${randomUUID()}`;
    if (placement[slotOf(stream)] === partition) streams.push(stream);
  }
  return streams;
}

/** Appends until the streams have so many events together. */
export async function fill(store: PostgresEventStore, streams: readonly string[], events: number): Promise<void> {
  let left = events;
  const work = async (index: number): Promise<void> => {
    for (let round = index; left > 0; round++) {
      left -= 100;
      await store.append({ stream: streams[round % streams.length]!, events: Array.from({ length: 100 }, newEvent) });
    }
  };
  await Promise.all(Array.from({ length: 16 }, (_, index) => work(index)));
}

/** Closed loop: each writer appends one event as soon as its last one was answered, until `done`. */
export async function write(
  store: PostgresEventStore,
  streams: readonly string[],
  writers: number,
  done: AbortSignal,
): Promise<TimedAppend[]> {
  const appends: TimedAppend[] = [];
  const work = async (index: number): Promise<void> => {
    for (let round = index; !done.aborted; round += writers) {
      const sent = performance.now();
      const [outcome] = await store.append({ stream: streams[round % streams.length]!, events: [newEvent()] });
      if (outcome?.status !== 'appended') throw new Error(`not appended: ${outcome?.status}`);
      appends.push({ sent, milliseconds: performance.now() - sent });
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, index) => work(index)));
  return appends;
}

/** Of the appends that were under way at a moment, and of all later ones. */
export function writtenSince(appends: readonly TimedAppend[], from: number): Written {
  const since = appends.filter(({ sent, milliseconds }) => sent + milliseconds >= from);
  const sorted = since.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  const last = since.reduce((latest, { sent, milliseconds }) => Math.max(latest, sent + milliseconds), from);
  return {
    eventsPerSecond: since.length / ((last - from) / 1_000),
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    longest: sorted.at(-1) ?? Number.NaN,
    slowest: since
      .filter(({ milliseconds }) => milliseconds > slowAbove)
      .sort((a, b) => b.milliseconds - a.milliseconds),
  };
}
