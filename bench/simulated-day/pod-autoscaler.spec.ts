import { describe, expect, it } from 'vitest';
import { PodAutoscaler, type SeenPod } from './pod-autoscaler.ts';

const pods = (count: number, connections: number | undefined): SeenPod[] =>
  Array.from({ length: count }, () => ({ connections }));

/** Replicas after each sync from `at` on, with the connections of all pods spread evenly. */
function course(scaler: PodAutoscaler, replicas: number, all: number, seconds: number, at = 0): number[] {
  const seen: number[] = [];
  let count = replicas;
  for (let now = at; now < at + seconds; now += 15) {
    count = scaler.sync(now, count, pods(count, all / count));
    seen.push(count);
  }
  return seen;
}

describe('the autoscaler', () => {
  it('does nothing within a tenth of its target', () => {
    const scaler = new PodAutoscaler();
    expect(course(scaler, 5, 5 * 2199, 600).at(-1)).toBe(5);
    expect(course(new PodAutoscaler(), 5, 5 * 1801, 600).at(-1)).toBe(5);
  });

  it('grows only after a minute in which nothing less was wanted, and by half a minute', () => {
    const scaler = new PodAutoscaler();
    course(scaler, 4, 8000, 300);
    const seen = course(scaler, 4, 40_000, 300, 300);
    expect(seen.slice(0, 5)).toEqual([4, 4, 4, 6, 6]);
    expect(seen.at(-1)).toBe(20);
    for (let at = 4; at < seen.length; at++) expect(seen[at]).toBeLessThanOrEqual(Math.ceil(seen[at - 4]! * 1.5));
  });

  it('shrinks only after five minutes, by a quarter in five minutes, and never below four', () => {
    const scaler = new PodAutoscaler();
    course(scaler, 20, 40_000, 600);
    const seen = course(scaler, 20, 2000, 3600, 600);
    expect(seen.slice(0, 18).every((count) => count === 20)).toBe(true);
    expect([...new Set(seen)]).toEqual([20, 15, 11, 8, 6, 4]);
  });

  it('counts pods that tell nothing as empty where it would grow, and as well used where it would shrink', () => {
    expect(new PodAutoscaler().sync(0, 8, [...pods(4, 2400), ...pods(4, undefined)])).toBe(8);
    expect(new PodAutoscaler().sync(0, 8, [...pods(4, 1000), ...pods(4, undefined)])).toBe(6);
  });

  it('lifts who is below the least number there without asking what is used', () => {
    const scaler = new PodAutoscaler();
    scaler.minReplicas = 7;
    expect(scaler.sync(0, 4, pods(4, 10))).toBe(7);
  });
});
