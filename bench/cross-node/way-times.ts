import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { quantile } from '../support/figures.ts';

/** Milliseconds. */
export interface WayTimes {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly longest: number;
}

export interface Ways {
  readonly fromDue: WayTimes;
  readonly fromAcknowledged: WayTimes;
}

/**
 * What each arrival in a load client's file took, of the events that were acknowledged in this run. An event may come before
 * its publisher has read that it is safe: that counts as no time at all.
 */
export async function waysOf(arrivals: string, acknowledged: readonly (readonly [number, number])[]): Promise<Ways> {
  const acknowledgedAt = new Map(acknowledged);
  const [fromDue, fromAcknowledged]: [number[], number[]] = [[], []];
  for await (const line of createInterface({ input: createReadStream(arrivals) })) {
    const [due, came] = line.split(' ').map(Number) as [number, number];
    const at = acknowledgedAt.get(due);
    if (at === undefined) continue;
    fromDue.push((came - due) / 1_000);
    fromAcknowledged.push(Math.max(0, came - at) / 1_000);
  }
  return { fromDue: timesOf(fromDue), fromAcknowledged: timesOf(fromAcknowledged) };
}

export function timesOf(milliseconds: readonly number[]): WayTimes {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (q: number) => quantile(sorted, q);
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), longest: sorted.at(-1) ?? Number.NaN };
}
