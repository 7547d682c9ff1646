import type { ClusterMove, ClusterNodeRow } from '@testcast/contracts';
import { describe, expect, it } from 'vitest';
import { drainProgressOf } from './drain-progress.ts';

const node = (part: Partial<ClusterNodeRow>) => ({ serverId: 'a', state: 'draining', ...part }) as ClusterNodeRow;
const other = node({ serverId: 'b', state: 'up', connections: 0 });
const move = (part: Partial<ClusterMove>) => ({ from: 'a', to: 'b', reason: 'drain', ...part }) as ClusterMove;

describe('a server that is drained', () => {
  it('says in how many seconds it begins to give connections away, and never in none', () => {
    const drained = node({ connections: 12, drainsFrom: 20_000 });
    const says = (now: number) => drainProgressOf(drained, [drained, other], [], now)?.says;
    expect(says(0)).toBe('gives its 12 connections away in 20s');
    expect(says(19_999)).toBe('gives its 12 connections away in 1s');
    expect(says(20_000)).toBe('12 connections left');
  });

  it('says how many have gone since, whatever it gave away before', () => {
    const drained = node({ connections: 1, drainsFrom: 20_000 });
    const moves = [
      move({ orderedAt: 5_000, moved: 50 }),
      move({ orderedAt: 20_100, moved: 8 }),
      move({ orderedAt: 25_100, moved: 3 }),
      move({ orderedAt: 25_100, moved: 7, from: 'b' }),
    ];
    expect(drainProgressOf(drained, [drained, other], moves, 26_000)).toEqual({
      says: '1 connection left',
      moved: 11,
      of: 12,
    });
  });

  it('keeps what nobody could take, and has nothing to tell once it is empty', () => {
    const full = node({ connections: 3, drainsFrom: 0 });
    expect(drainProgressOf(full, [full], [], 1)?.says).toBe('keeps 3 connections: no other server is up');
    expect(drainProgressOf(node({ connections: 0, drainsFrom: 0 }), [other], [], 1)).toBeUndefined();
  });
});
