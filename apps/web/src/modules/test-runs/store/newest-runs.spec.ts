import { type StateObserver, type TestcastClient, TestcastError } from '@testcast/client';
import type { RunSummary } from '@testcast/contracts';
import { describe, expect, it } from 'vitest';
import { NewestRuns, newestByProject, withNewProjects } from './newest-runs.ts';

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

  it('show nothing of a room that has ended', () => {
    const observers = new Map<string, StateObserver>();
    const watchState = (room: string, observer: StateObserver) => {
      observers.set(room, observer);
      return { room, close: () => undefined };
    };
    const client = { connection: { watchState } } as unknown as TestcastClient;
    const newest = new NewestRuns(client, { bank: 'read', shop: 'read' });
    newest.open();
    for (const projectId of ['bank', 'shop']) {
      const observer = observers.get(`project:${projectId}`)!;
      observer.onItems([{ key: 'a', version: 1, value: run(projectId, 'a', 1) }], []);
      observer.onWindow?.();
    }
    observers.get('project:bank')!.onEnd?.(new TestcastError('auth.forbidden', 'No longer.', { temporary: false }));
    expect([...newest.view().runs.keys()]).toEqual(['shop']);
    expect(newest.view().isWatched('bank')).toBe(false);
  });
});
