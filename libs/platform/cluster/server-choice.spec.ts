import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Assignments } from './assignments.ts';
import type { ClusterNode } from './cluster-node.ts';
import { aNode } from './fixtures/a-node.ts';
import { chooseServer } from './server-choice.ts';
import { proximityOf, scoreOf } from './server-score.ts';

const nobody = () => 0;
const berlin = { latitude: 52, longitude: 13 };
const dublin = { latitude: 53, longitude: -6 };
const virginia = { latitude: 38, longitude: -78 };
const seeded = (seed: number) => () => {
  // Mulberry32: the same draws for the same seed.
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};
const choice = (nodes: ClusterNode[], client = {}, inFlight: (id: string) => number = nobody) =>
  chooseServer(nodes, client, inFlight, () => 0)?.serverId;

describe('the score', () => {
  it.each([
    ['an idle server in the own region', {}, { region: 'local' }, 1],
    [
      'a server at its limit in everything',
      { cpu: 1, memory: 1, connections: 1000, latencyMs: 1e9 },
      { region: 'local' },
      0.15,
    ],
    ['half of its cores', { cpu: 0.5 }, { region: 'local' }, 0.875],
    ['half of its memory', { memory: 0.5 }, { region: 'local' }, 0.9],
    ['half of its places', { connections: 500 }, { region: 'local' }, 0.875],
    ['100 ms', { latencyMs: 100 }, { region: 'local' }, 0.925],
    ['200 ms to its clients and back', { roundTripMs: 200 }, { region: 'local' }, 0.925],
    ['50 ms to its sockets, and 50 ms from there', { latencyMs: 50, roundTripMs: 100 }, { region: 'local' }, 0.925],
    ['a client from nowhere', {}, {}, 0.925],
  ] as const)('of %s', (_what, node, client, expected) => {
    expect(scoreOf(aNode('a', node), client, 0)).toBeCloseTo(expected, 6);
  });

  it('is always 0…1', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        unit,
        unit,
        fc.nat(5000),
        fc.nat(5000),
        fc.nat(1e6),
        (cpu, memory, connections, inFlight, latencyMs) => {
          const score = scoreOf(aNode('a', { cpu, memory, connections, latencyMs }), {}, inFlight);
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('falls with the distance', () => {
    const node = aNode('a', { region: 'eu', position: berlin });
    const [near, far] = [dublin, virginia].map((position) => proximityOf(node, { position }));
    expect(near).toBeGreaterThan(far!);
  });
});

describe('the choice', () => {
  it('passes over who is full or draining, and says so when that is everybody', () => {
    const full = aNode('full', { connections: 1000 });
    const leaving = aNode('leaving', { draining: true });
    expect(choice([full, leaving, aNode('open')])).toBe('open');
    expect(choice([full, leaving])).toBeUndefined();
    expect(choice([])).toBeUndefined();
  });

  it('passes over who has lost the database, although it is the emptiest, in the own region and not overloaded', () => {
    const cutOff = aNode('cut off', { databaseUp: false });
    const busy = (connections: number) =>
      aNode('busy', { region: 'far', position: virginia, cpu: 0.9, connections, databaseUp: true });
    const client = { region: 'local', position: berlin };
    expect(choice([cutOff, busy(800)], client)).toBe('busy');
    expect(choice([cutOff, busy(990)], client)).toBe('busy');
    expect(choice([cutOff, busy(1000)], client)).toBe('cut off');
  });

  it('chooses as ever where all have lost the database', () => {
    const [a, b] = [aNode('a', { databaseUp: false, connections: 900 }), aNode('b', { databaseUp: false })];
    expect(choice([a, b])).toBe('b');
  });

  it('takes servers of a release that says nothing of the database for well', () => {
    expect(choice([aNode('new', { databaseUp: true, connections: 500 }), aNode('old')])).toBe('old');
  });

  it('counts those on their way as there', () => {
    expect(choice([aNode('a', { connections: 600 })], {}, () => 400)).toBeUndefined();
  });

  it('takes the own region, the nearest when it is overloaded, and any when all near are', () => {
    const there = (connections: number, more: number) => [
      aNode('eu', { region: 'eu', position: berlin, connections }),
      aNode('ie', { region: 'ie', position: dublin, connections: more }),
      aNode('us', { region: 'us', position: virginia }),
    ];
    const client = { region: 'eu', position: berlin };
    expect(choice(there(800, 0), client)).toBe('eu');
    expect(choice(there(900, 0), client)).toBe('ie');
    expect(choice(there(900, 900), client)).toBe('us');
  });

  it('takes the nearest region of a client that asks for none', () => {
    const nodes = [
      aNode('us', { region: 'us', position: virginia }),
      aNode('ie', { region: 'ie', position: dublin, connections: 700, cpu: 0.8 }),
    ];
    expect(choice(nodes, { position: berlin })).toBe('ie');
  });

  it('uses overloaded servers rather than none', () => {
    expect(choice([aNode('a', { connections: 999 }), aNode('b', { connections: 990 })])).toBe('b');
  });

  it('spreads a crowd of 10,000 over four servers within 5 %, although nobody is heard of meanwhile', () => {
    const nodes = ['a', 'b', 'c', 'd'].map((id) => aNode(id, { maxConnections: 2600 }));
    for (const seed of [1, 2, 3]) {
      const random = seeded(seed);
      // Each of the four answers a quarter of the crowd, and knows only whom it has sent itself.
      const told = nodes.map(() => new Assignments());
      const counts = new Map<string, number>();
      for (let client = 0; client < 10_000; client++) {
        const assignments = told[client % 4]!;
        const { serverId } = chooseServer(nodes, {}, assignments.inFlight, random)!;
        assignments.add(serverId);
        counts.set(serverId, (counts.get(serverId) ?? 0) + 1);
      }
      for (const count of counts.values()) expect(Math.abs(count - 2500)).toBeLessThan(125);
    }
  });

  it('evens out servers of different sizes by their shares', () => {
    const nodes = [aNode('small', { maxConnections: 1000 }), aNode('large', { maxConnections: 3000 })];
    const random = seeded(7);
    const assignments = new Assignments();
    for (let client = 0; client < 2000; client++) {
      assignments.add(chooseServer(nodes, {}, assignments.inFlight, random)!.serverId);
    }
    expect(assignments.inFlight('small')).toBeGreaterThan(450);
    expect(assignments.inFlight('small')).toBeLessThan(550);
  });
});

it('assignments count until the look after next', () => {
  const assignments = new Assignments();
  assignments.add('a');
  assignments.looked();
  assignments.add('a');
  expect(assignments.inFlight('a')).toBe(2);
  assignments.looked();
  expect(assignments.inFlight('a')).toBe(1);
  assignments.looked();
  expect(assignments.inFlight('a')).toBe(0);
});
