import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClusterNode } from '../cluster-node.ts';
import { aNode } from '../fixtures/a-node.ts';
import type { PlannedMove } from './distribution.ts';
import { drainPlan, evenOutPlan, rebalancePlan } from './rebalance-plan.ts';

const nodes = (...connections: number[]) =>
  connections.map((count, index) => aNode('abcdefgh'[index]!, { connections: count }));
const told = (moves: readonly PlannedMove[]) =>
  moves.map(({ from, to, connections }) => `${from} ${connections} ${to}`);
const after = (before: readonly ClusterNode[], moves: readonly PlannedMove[]) =>
  before.map((node) => {
    let { connections } = node;
    for (const move of moves) {
      if (move.from === node.serverId) connections -= move.connections;
      if (move.to === node.serverId) connections += move.connections;
    }
    return { ...node, connections };
  });
const total = (of: readonly ClusterNode[]) => of.reduce((sum, { connections }) => sum + connections, 0);

/** Up to eight servers of different sizes, loaded at random. */
const clusters = fc
  .array(fc.record({ max: fc.integer({ min: 1, max: 3000 }), load: fc.double({ min: 0, max: 1, noNaN: true }) }), {
    minLength: 1,
    maxLength: 8,
  })
  .map((each) =>
    each.map(({ max, load }, index) =>
      aNode('abcdefgh'[index]!, { maxConnections: max, connections: Math.floor(max * load) }),
    ),
  );

describe('the automatic rule', () => {
  it.each([
    ['leaves servers between 0.30 and 0.85 alone', [850, 300], []],
    ['does nothing where all are below 0.85, however uneven', [840, 100, 100, 100], []],
    ['moves half of what is above 0.8', [900, 100], ['a 50 b']],
    ['rounds up', [851, 0], ['a 26 b']],
    ['does nothing when nobody has room', [1000, 300, 500], []],
    ['spreads over all that have room', [1000, 0, 0], ['a 50 b', 'a 50 c']],
    ['takes from the fullest first', [900, 1000, 0], ['b 100 c', 'a 50 c']],
  ] as const)('%s', (_what, connections, expected) => {
    expect(told(rebalancePlan(nodes(...connections)))).toEqual(expected);
  });

  it('leaves a server alone that is draining', () => {
    expect(rebalancePlan([aNode('a', { connections: 1000 }), aNode('b', { draining: true })])).toEqual([]);
    expect(rebalancePlan([aNode('a', { connections: 1000, draining: true }), aNode('b')])).toEqual([]);
  });

  it('leaves a server alone that has lost the database', () => {
    expect(rebalancePlan([aNode('a', { connections: 1000 }), aNode('b', { databaseUp: false })])).toEqual([]);
    expect(rebalancePlan([aNode('a', { connections: 1000, databaseUp: false }), aNode('b')])).toEqual([]);
  });

  it('never fills a server above 0.8', () => {
    const [small, large] = [aNode('small', { maxConnections: 10 }), aNode('large', { connections: 1000 })];
    expect(told(rebalancePlan([large, small]))).toEqual(['large 8 small']);
  });

  it('comes to rest from any loads, with nobody overfilled and no server that both gives and takes', () => {
    fc.assert(
      fc.property(clusters, (start) => {
        const [gave, took] = [new Set<string>(), new Set<string>()];
        let now: readonly ClusterNode[] = start;
        let rounds = 0;
        for (;;) {
          const moves = rebalancePlan(now);
          if (moves.length === 0) break;
          rounds += 1;
          expect(rounds).toBeLessThan(20);
          now = after(now, moves);
          for (const { from, to, connections } of moves) {
            expect(connections).toBeGreaterThan(0);
            gave.add(from);
            took.add(to);
          }
          const goal = ({ maxConnections }: ClusterNode) => 0.8 * maxConnections;
          expect(now.filter((node) => took.has(node.serverId) && node.connections > goal(node))).toEqual([]);
          // Never further than half of the way: what one gives must not make it a taker.
          expect(now.filter((node) => gave.has(node.serverId) && node.connections < Math.floor(goal(node)))).toEqual(
            [],
          );
        }
        expect([...gave].filter((serverId) => took.has(serverId))).toEqual([]);
        expect(total(now)).toBe(total(start));
      }),
    );
  });
});

describe('evening out', () => {
  it.each([
    ['brings 90, 10, 10 and 10 % to the mean', [900, 100, 100, 100], ['a 200 b', 'a 200 c', 'a 200 d']],
    ['leaves what is within 5 % of it', [520, 500, 480, 500], []],
    ['lets none above 0.8', [1000, 900, 500], ['a 200 c', 'b 100 c']],
    ['does nothing where nobody is', [0, 0], []],
  ] as const)('%s', (_what, connections, expected) => {
    expect(told(evenOutPlan(nodes(...connections))).toSorted()).toEqual(expected);
  });

  it('needs one round from any loads: all are then as even as whole numbers and 0.8 allow', () => {
    fc.assert(
      fc.property(clusters, (start) => {
        const now = after(start, evenOutPlan(start));
        expect(total(now)).toBe(total(start));
        expect(evenOutPlan(now)).toEqual([]);
        const took = now.filter(({ connections }, index) => connections > start[index]!.connections);
        expect(took.filter(({ connections, maxConnections }) => connections > 0.8 * maxConnections)).toEqual([]);
        expect(now.filter(({ connections }) => connections < 0)).toEqual([]);
      }),
    );
  });
});

describe('draining a server', () => {
  it('spreads all of it over the others', () => {
    expect(told(drainPlan(nodes(300, 100, 100), 'a', new Map()))).toEqual(['a 150 b', 'a 150 c']);
  });

  it('counts those who are on their way to the others', () => {
    expect(told(drainPlan(nodes(100, 700, 700), 'a', new Map([['b', 100]])))).toEqual(['a 100 c']);
  });

  it('fills the others above 0.8 only where there is no other place, and never above what they hold', () => {
    expect(told(drainPlan(nodes(500, 700, 700), 'a', new Map()))).toEqual(['a 250 b', 'a 250 c']);
    expect(told(drainPlan(nodes(500, 900), 'a', new Map()))).toEqual(['a 100 b']);
  });

  it('moves nobody to another one that is drained', () => {
    expect(drainPlan([aNode('a', { connections: 9 }), aNode('b', { draining: true })], 'a', new Map())).toEqual([]);
  });
});

describe('regions', () => {
  const [paris, london, ohio] = [
    { region: 'paris', position: { latitude: 48.9, longitude: 2.4 } },
    { region: 'london', position: { latitude: 51.5, longitude: -0.1 } },
    { region: 'ohio', position: { latitude: 40, longitude: -83 } },
  ];

  it('are not left for balance while a server of the region is no fuller than newcomers are let in to', () => {
    const full = aNode('a', { ...paris, connections: 1000 });
    expect(rebalancePlan([full, aNode('b', { ...paris, connections: 500 }), aNode('c', ohio)])).toEqual([]);
    expect(told(rebalancePlan([full, aNode('b', paris), aNode('c', ohio)]))).toEqual(['a 100 b']);
  });

  it('are left for the nearest other one when all of it is full', () => {
    const full = [aNode('a', { ...paris, connections: 1000 }), aNode('b', { ...paris, connections: 860 })];
    const [far, near] = [aNode('c', ohio), aNode('d', { ...london, maxConnections: 100 })];
    expect(told(rebalancePlan([...full, far, near]))).toEqual(['a 80 d', 'a 20 c', 'b 30 c']);
  });

  it('are evened out each by itself', () => {
    const night = [aNode('c', ohio), aNode('d', ohio)];
    const uneven = [aNode('a', { ...paris, connections: 800 }), aNode('b', { ...paris, connections: 600 })];
    expect(told(evenOutPlan([...uneven, ...night]))).toEqual(['a 100 b']);
  });

  it('keep those of a drained server as long as there is room, and then send them to the nearest', () => {
    const drained = aNode('a', { ...paris, connections: 500 });
    const others = [aNode('b', { ...paris, connections: 600 }), aNode('c', ohio), aNode('d', london)];
    expect(told(drainPlan([drained, ...others], 'a', new Map()))).toEqual(['a 200 b', 'a 300 d']);
  });

  it('that nobody knows the place of share what finds no room at home', () => {
    const unknown = [aNode('c', { region: 'x' }), aNode('d', { region: 'y' })];
    const drained = aNode('a', { ...paris, connections: 100 });
    expect(told(drainPlan([drained, ...unknown], 'a', new Map()))).toEqual(['a 50 c', 'a 50 d']);
  });
});
