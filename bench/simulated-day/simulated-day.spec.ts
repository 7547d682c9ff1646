import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { burstLimit } from './policy-limits.ts';
import { simulateDay } from './simulate-day.ts';

const hour = 3600;

describe('a day', () => {
  // Two bursts, a lunch, a deploy and a crash.
  const day = simulateDay({ seed: 7, from: 9.5 * hour, to: 14.5 * hour });

  it('loses no client', () => {
    expect(day.lost).toBe(0);
    expect(day.samples.at(-1)).toMatchObject({ refused: 0 });
  });

  it('stays within the bounds of pods, and of places', () => {
    for (const { replicas, connected, ready, capacity, fullest } of day.samples) {
      expect(replicas).toBeGreaterThanOrEqual(4);
      expect(replicas).toBeLessThanOrEqual(20);
      // A deploy has one more for a while.
      expect(ready).toBeLessThanOrEqual(replicas + 1);
      expect(connected).toBeLessThanOrEqual(capacity);
      expect(fullest).toBeLessThanOrEqual(1);
    }
  });

  it('refuses only when the gateways are full, but for the clients in flight', () => {
    expect(day.totals.refusals).toBeGreaterThan(0);
    expect(day.totals.refusedBeforeFull).toBeLessThan(day.totals.refusals / 10);
    const whileRefused = day.samples.filter(({ refused }) => refused > 0).map(({ fullest }) => fullest);
    expect(Math.min(...whileRefused)).toBeGreaterThan(0.9);
  });

  it('moves the clients of a gateway that goes, and cuts off those of one that crashes', () => {
    const { moved, cutOff } = day.totals;
    expect(moved).toBeGreaterThan(10_000);
    expect(cutOff).toBeLessThan(5000);
  });

  it('is the same for the same seed, and another one for another', () => {
    const part = { from: 10 * hour, to: 10.5 * hour };
    expect(simulateDay({ seed: 3, ...part })).toEqual(simulateDay({ seed: 3, ...part }));
    expect(simulateDay({ seed: 3, ...part }).totals).not.toEqual(simulateDay({ seed: 4, ...part }).totals);
  });
});

it('the page shows what the policy does to a burst today', () => {
  const file = path.resolve(import.meta.dirname, '../../docs/reference/figures/simulated-day.json');
  const { seed, bursts } = JSON.parse(readFileSync(file, 'utf8')) as { seed: number; bursts: { clients: number }[] };
  const [first] = bursts;
  expect(burstLimit(first!.clients, seed)).toEqual(first);
});
