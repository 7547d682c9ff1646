import type { RunSummary } from '@testcast/contracts';
import { describe, expect, it } from 'vitest';
import { newestByProject, withNewProjects } from './newest-runs.ts';

const run = (projectId: string, runId: string, startedAt: number) => ({ projectId, runId, startedAt }) as RunSummary;

describe('the newest runs', () => {
  it('are one of each project: what began last, and of two at once the same one always', () => {
    const [old, first, second, other] = [
      run('shop', 'z', 1),
      run('shop', 'a', 2),
      run('shop', 'b', 2),
      run('bank', 'a', 1),
    ];
    for (const order of [
      [old, first, second, other],
      [other, second, first, old],
    ]) {
      expect(newestByProject(order)).toEqual(
        new Map([
          ['shop', second],
          ['bank', other],
        ]),
      );
    }
  });

  it('bring in the project that they have just made, in its place', () => {
    const read = [
      { projectId: 'bank', name: 'The bank' },
      { projectId: 'shop', name: 'Shop' },
    ];
    const runs = newestByProject([run('made', 'a', 1), run('shop', 'a', 1)]);
    expect(withNewProjects(read, runs).map(({ name }) => name)).toEqual(['The bank', 'made', 'Shop']);
  });
});
