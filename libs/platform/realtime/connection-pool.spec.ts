import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ConnectionPool } from './connection-pool.ts';

class Member {
  turns = 0;
  isMoving = false;
  movedHereAt: number | undefined;
  isOpen = true;
  readonly subscriptions = new Map();
  constructor(
    readonly queuedBytes = 0,
    rooms = 0,
  ) {
    for (let room = 0; room < rooms; room++) this.subscriptions.set(`room ${room}`, room);
  }
  tick(): void {
    this.turns += 1;
  }
}

it('gives everybody a turn in each round, a part of them at a time', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 10 }), (count, slices) => {
      const pool = new ConnectionPool<Member>();
      const members = Array.from({ length: count }, () => new Member());
      for (const member of members) pool.add(member);
      for (let call = 0; call < 3 * (slices + 1); call++) {
        const before = members.reduce((sum, { turns }) => sum + turns, 0);
        pool.tick(0, 0, slices);
        const given = members.reduce((sum, { turns }) => sum + turns, 0) - before;
        expect(given).toBeLessThanOrEqual(Math.ceil(count / slices));
      }
      const turns = members.map((member) => member.turns);
      expect(Math.min(3, ...turns)).toBe(3);
      expect(new Set(turns).size).toBeLessThanOrEqual(2);
      expect(Math.max(0, ...turns.map((each) => each - turns[0]!))).toBeLessThanOrEqual(1);
    }),
  );
});

it('takes who comes in and lets go of who leaves between two turns', () => {
  const pool = new ConnectionPool<Member>();
  const [first, second, third] = [new Member(), new Member(), new Member()];
  for (const member of [first, second]) pool.add(member);
  pool.tick(0, 0, 2);
  pool.delete(second);
  pool.add(third);
  for (let call = 0; call < 4; call++) pool.tick(0, 0, 2);
  expect(second.turns).toBe(0);
  expect(third.turns).toBeGreaterThan(0);
  expect(pool.size).toBe(2);
});

it('knows who holds most', () => {
  const pool = new ConnectionPool<Member>();
  const members = [new Member(0, 1), new Member(10, 0), new Member(0, 5), new Member(500, 0)];
  for (const member of members) pool.add(member);
  expect(pool.heaviest(3)).toEqual([members[3], members[1], members[2]]);
  expect(pool.lightest(2)).toEqual([members[0], members[2]]);
  members[0]!.isMoving = true;
  expect(pool.lightest(2)).toEqual([members[2], members[1]]);
  members[3]!.isOpen = false;
  expect(pool.heaviest(1)).toEqual([members[1]]);
  expect(pool.queuedBytes).toBe(510);
});

it('sends nobody on who was moved here a moment ago', () => {
  const pool = new ConnectionPool<Member>();
  const [stayed, early, late] = [new Member(5, 5), new Member(0, 0), new Member(0, 0)];
  for (const member of [stayed, early, late]) pool.add(member);
  early.movedHereAt = 100;
  late.movedHereAt = 200;
  expect(pool.lightest(3, 150)).toEqual([early, stayed]);
  expect(pool.lightest(3)).toHaveLength(3);
});
