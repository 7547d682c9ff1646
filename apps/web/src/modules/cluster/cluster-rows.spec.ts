import type { ClusterMove, ClusterNodeRow } from '@testcast/contracts';
import { describe, expect, it } from 'vitest';
import { clusterStateOf } from './cluster-rows.ts';
import { aboveMean, drainWill, rebalanceWill } from './what-will-happen.ts';

const node = (serverId: string, connections: number, state: ClusterNodeRow['state'] = 'up'): ClusterNodeRow => ({
  serverId,
  region: 'local',
  state,
  connections,
  maxConnections: 100,
  load: connections / 100,
  cpu: 0,
  memory: 0,
  rooms: 0,
  eventLoopDelayMs: 0,
  latencyMs: 0,
  leader: false,
});
const move = (id: string, orderedAt: number): ClusterMove => ({
  id,
  from: 'a',
  to: 'b',
  ordered: 1,
  moved: 0,
  failed: 0,
  reason: 'manual',
  state: 'ordered',
  orderedAt,
});

describe('the rows of the cluster', () => {
  it('are servers by name and moves by age, the newest first', () => {
    const rows = new Map<string, unknown>([
      ['node:b', node('b', 1)],
      ['move:1', move('1', 1)],
      ['node:a', node('a', 1)],
      ['move:2', move('2', 2)],
      ['projections', { projections: 1, lag: 0, builds: 0, parked: 0 }],
    ]);
    const { nodes, moves, partitions, projections } = clusterStateOf(rows);
    expect(nodes.map(({ serverId }) => serverId)).toEqual(['a', 'b']);
    expect(moves.map(({ id }) => id)).toEqual(['2', '1']);
    expect(partitions).toBeUndefined();
    expect(projections?.projections).toBe(1);
  });
});

describe('before it happens', () => {
  it('a rebalance says how many connections are above the mean of those that are up', () => {
    const nodes = [node('a', 90), node('b', 10), node('c', 10), node('d', 10), node('gone', 100, 'out')];
    expect(aboveMean(nodes)).toEqual({ connections: 60, mean: 0.3 });
    expect(rebalanceWill(nodes)).toMatch(/^Moves up to about 60 connections, so that every server is near 30 %/);
    expect(rebalanceWill([node('a', 5), node('b', 5)])).toBe('Every server is at 5 % already: nothing will move.');
    expect(rebalanceWill([node('a', 1), node('b', 0), node('c', 0)])).toMatch(/every server is near 0\.3 %/);
  });

  it('a drain says where connections go, or that there is nowhere', () => {
    const full = node('a', 60);
    expect(drainWill(full, [full, node('b', 10)])).toMatch(/60 connections move to b\. Clients move without a gap/);
    expect(drainWill({ ...full, drainDelayMs: 20_000 }, [full, node('b', 10)])).toMatch(
      / move to b\. Moving begins 20s later: until .* Clients move without a gap/,
    );
    expect(drainWill(full, [full, node('b', 70)])).toMatch(/have room for 30 only/);
    expect(drainWill(full, [full, node('b', 0, 'draining')])).toMatch(/^No other server is up/);
  });
});
