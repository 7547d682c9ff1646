import type { ClusterMove } from '@testcast/contracts';
import { describe, expect, it } from 'vitest';
import { aNode } from '../fixtures/a-node.ts';
import { Settling } from './settling.ts';

const at = (beat: number) => ['a', 'b', 'c'].map((serverId) => aNode(serverId, { beat }));
const move = (more: Partial<ClusterMove> = {}): ClusterMove => ({
  id: '1',
  from: 'a',
  to: 'b',
  ordered: 5,
  moved: 5,
  failed: 0,
  reason: 'rebalance',
  state: 'done',
  orderedAt: 1,
  startedAt: 2,
  endedAt: 3,
  ...more,
});

describe('the next round', () => {
  it('waits until all have been heard twice since the leader began to lead', () => {
    const settling = new Settling();
    settling.begin(at(7));
    expect(settling.isOver(at(8))).toBe(false);
    expect(settling.isOver(at(9))).toBe(true);
  });

  it('waits until giver and taker of the last one have been heard twice since it ended', () => {
    const settling = new Settling();
    settling.note([move({ state: 'running', endedAt: undefined })], at(1));
    settling.note([move()], at(5));
    const [a, b, c] = at(7);
    expect(settling.isOver([a!, aNode('b', { beat: 6 }), c!])).toBe(false);
    expect(settling.isOver([a!, b!, aNode('c', { beat: 5 })])).toBe(true);
    settling.note([move()], at(8));
    expect(settling.isOver(at(8))).toBe(true);
  });

  it('waits for none that has gone or has begun anew', () => {
    const settling = new Settling();
    settling.note([move()], at(5));
    expect(settling.isOver([aNode('a', { startId: 'start-2', beat: 1 })])).toBe(true);
  });
});
