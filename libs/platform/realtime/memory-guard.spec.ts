import { describe, expect, it } from 'vitest';
import { levelAt, MemoryGuard, memoryLevels, memoryLimits } from './memory-guard.ts';

const limits = { heap: 1000, rss: 4000 };

function guarded() {
  const done: string[] = [];
  let heap = 0;
  let rss = 0;
  let now = 0;
  let looks = 0;
  const relief = {
    shed: () => void done.push('shed'),
    refuse: (refusing: boolean) => void (refusing && done.push('refuse')),
    drain: () => void done.push('drain'),
    report: () => undefined,
  };
  const guard = new MemoryGuard(limits, relief, () => {
    looks += 1;
    return { heap, rss };
  });
  return {
    guard,
    /** What is done in so many seconds with so much in use. */
    during: (seconds: number, use: { heap?: number; rss?: number }) => {
      heap = use.heap ?? 0;
      rss = use.rss ?? 0;
      done.length = 0;
      const before = looks;
      for (let second = 0; second < seconds; second++) guard.tick((now += 1000));
      return { done: [...new Set(done)], looks: looks - before };
    },
  };
}

describe('the memory of a process', () => {
  it('is looked at every 30 seconds, and every second near the limit', () => {
    const { during } = guarded();
    expect(during(120, { heap: 500 }).looks).toBe(4);
    expect(during(60, { heap: 700 }).looks).toBeGreaterThan(25);
  });

  it.each([
    ['nothing is done', 740, 'calm', []],
    ['caches are given up', 800, 'shedding', ['shed']],
    ['newcomers are refused', 900, 'refusing', ['refuse', 'shed']],
    ['those who are in are asked to leave', 960, 'draining', ['refuse', 'shed', 'drain']],
  ] as const)('%s at %i of 1,000', (_what, heap, level, expected) => {
    const { guard, during } = guarded();
    expect(during(40, { heap }).done).toEqual(expected);
    expect(guard.level).toBe(level);
  });

  it('counts the whole process as well', () => {
    const { guard, during } = guarded();
    during(40, { heap: 100, rss: 3500 });
    expect(guard.level).toBe('refusing');
  });

  it('is not judged by garbage that the next look does not find', () => {
    const { guard, during } = guarded();
    for (let round = 0; round < 20; round++) {
      during(2, { heap: 990 });
      during(1, { heap: 400 });
      expect(guard.level).toBe('calm');
    }
  });

  it('lets newcomers in again once it is well below, not just below', () => {
    const { guard, during } = guarded();
    during(40, { heap: 900 });
    expect(during(10, { heap: 800 }).done).toContain('refuse');
    during(10, { heap: 740 });
    expect(guard.level).toBe('shedding');
    during(10, { heap: 500 });
    expect(guard.level).toBe('calm');
  });
});

it('a level is never left for a higher one by less memory', () => {
  for (const before of memoryLevels) {
    for (let share = 0; share < 1; share += 0.01) {
      const [lower, higher] = [levelAt(share, before), levelAt(share + 0.01, before)].map((l) =>
        memoryLevels.indexOf(l),
      );
      expect(higher).toBeGreaterThanOrEqual(lower!);
    }
  }
});

it('the limit is never above what V8 gives', () => {
  expect(memoryLimits(2 ** 50).heap).toBeLessThan(2 ** 40);
  expect(memoryLimits(1000).heap).toBe(1000);
});
