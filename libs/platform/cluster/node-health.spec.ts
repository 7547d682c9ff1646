import { describe, expect, it } from 'vitest';
import { aNode } from './fixtures/a-node.ts';
import { NodeHealth } from './node-health.ts';

/** Looks at two nodes of which `a` always speaks; `b` speaks where the pattern has an `x`. */
function after(pattern: string, restartsAt?: number): string[] {
  const health = new NodeHealth();
  let beat = 0;
  let b = aNode('b');
  for (const [look, mark] of pattern.split('').entries()) {
    if (mark === 'x') b = { ...b, beat: b.beat + 1 };
    if (look === restartsAt) b = { ...b, startId: 'start-2', beat: 0 };
    beat += 1;
    health.look([aNode('a', { beat }), ...(mark === ' ' ? [] : [b])]);
  }
  return health.healthy.map(({ serverId }) => serverId);
}

describe('a node', () => {
  it.each([
    ['is in from its first word', 'x', 'b'],
    ['stays in through two misses', 'x--', 'b'],
    ['is out after three', 'x---', ''],
    ['is out after three in which its entry was gone', 'x   ', ''],
    ['does not come back with one beat', 'x---x', ''],
    ['comes back with two', 'x---xx', 'b'],
    ['comes back with two, a miss between which puts it out again', 'x---x-x', ''],
    ['comes back with two after that', 'x---x-xx', 'b'],
    ['counts its misses anew after a beat', 'x--x--', 'b'],
  ])('%s', (_what, pattern, expected) => {
    expect(after(pattern)).toEqual(['a', ...(expected === '' ? [] : [expected])]);
  });

  it('that has started again has said something new, although it counts from zero', () => {
    expect(after('xxx-----')).toEqual(['a']);
    expect(after('xxx-----', 5)).toEqual(['a', 'b']);
  });
});

it('newer figures between two looks keep nobody alive, and the next look hears the beat that came with them', () => {
  const health = new NodeHealth();
  health.look([aNode('a'), aNode('b')]);
  const connections = () => health.healthy.map((node) => node.connections);
  health.refresh([aNode('a'), aNode('b', { connections: 7 })]);
  expect(connections()).toEqual([0, 7]);
  for (let beat = 1; beat < 4; beat++) {
    health.refresh([aNode('a', { beat }), aNode('b', { connections: 8 })]);
    health.look([aNode('a', { beat }), aNode('b', { connections: 8 })]);
  }
  expect(health.healthy.map(({ serverId }) => serverId)).toEqual(['a']);
});

it('nobody is judged while the registry is away', () => {
  const health = new NodeHealth();
  health.look([aNode('a', { beat: 1 })]);
  for (let look = 0; look < 10; look++) health.look([]);
  expect(health.healthy.map(({ serverId }) => serverId)).toEqual(['a']);
  expect(health.unhealthy).toEqual([]);
});

it('a node that stays away for an hour is forgotten, and until the registry has forgotten it as well it is no stranger', () => {
  const health = new NodeHealth();
  health.look([aNode('a', { beat: 0 }), aNode('b')]);
  const lost = () => health.unhealthy.map(({ serverId }) => serverId);
  for (let beat = 1; beat < 719; beat++) expect(health.look([aNode('a', { beat }), aNode('b')])).toEqual([]);
  for (let beat = 719; beat < 2000; beat++) {
    health.look([aNode('a', { beat }), aNode('b')]);
    expect(lost()).toEqual(['b']);
  }
  expect(health.look([aNode('a', { beat: 2000 }), aNode('b')])).toEqual(['b']);
  expect(health.look([aNode('a', { beat: 2001 })])).toEqual([]);
  expect(lost()).toEqual([]);
});

it('a node that dies again on its way back is forgotten like any other', () => {
  const health = new NodeHealth();
  const look = (beat: number, b: number) => health.look([aNode('a', { beat }), aNode('b', { beat: b })]);
  for (let beat = 0; beat < 5; beat++) look(beat, 0);
  look(5, 1);
  let forgotten: string[] = [];
  for (let beat = 6; beat < 730; beat++) forgotten = look(beat, 1);
  expect(forgotten).toEqual(['b']);
});

describe('a node that has left', () => {
  const seen = (health: NodeHealth) => ({
    in: health.healthy.map(({ serverId }) => serverId),
    lost: health.unhealthy.map(({ serverId }) => serverId),
  });

  it('is neither there nor lost, whether or not it was seen to go before', () => {
    const health = new NodeHealth();
    health.look([aNode('a'), aNode('b')]);
    const forgotten = Array.from({ length: 4 }, (_, look) => {
      const b = aNode('b', { beat: 1, draining: true, left: true });
      const told = health.look([aNode('a', { beat: look + 1 }), b]);
      expect(seen(health)).toEqual({ in: ['a'], lost: [] });
      return told;
    });
    // Others have had the time to see it as well.
    expect(forgotten).toEqual([[], [], [], ['b']]);
    health.look([aNode('a', { beat: 5 })]);
    expect(seen(health)).toEqual({ in: ['a'], lost: [] });
  });

  it('is no news to one that has just started', () => {
    const health = new NodeHealth();
    health.look([aNode('a'), aNode('b', { draining: true, left: true })]);
    expect(seen(health)).toEqual({ in: ['a'], lost: [] });
  });

  it('is there at once when it has started again', () => {
    const health = new NodeHealth();
    health.look([aNode('a'), aNode('b', { draining: true, left: true })]);
    for (let beat = 1; beat < 6; beat++)
      health.look([aNode('a', { beat }), aNode('b', { draining: true, left: true })]);
    health.look([aNode('a', { beat: 6 }), aNode('b', { startId: 'start-2' })]);
    expect(seen(health)).toEqual({ in: ['a', 'b'], lost: [] });
  });
});

it('a node that said that it goes is not lost', () => {
  const health = new NodeHealth();
  health.look([aNode('a'), aNode('b', { draining: true })]);
  health.look([aNode('a', { beat: 1 })]);
  expect(health.unhealthy).toEqual([]);
  expect(health.healthy.map(({ serverId }) => serverId)).toEqual(['a']);
});
