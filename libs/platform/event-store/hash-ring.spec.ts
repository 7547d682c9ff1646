import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HashRing } from './hash-ring.ts';
import { initialPlacement, partitionCount } from './slot-placement.ts';

const keys = Array.from({ length: 60 }, (_, index) => `key ${index}`);
const members = fc.uniqueArray(fc.nat(1_000), { minLength: 1, maxLength: 6 });

describe('the hash ring', () => {
  it('gives a key to one of the members, in whatever order they are named', () => {
    fc.assert(
      fc.property(members, fc.string(), (some, key) => {
        const member = new HashRing(some).memberOf(key);
        expect(some).toContain(member);
        expect(new HashRing(some.toReversed()).memberOf(key)).toBe(member);
      }),
      { numRuns: 10 },
    );
  });

  it('moves keys only to a member that joins', () => {
    fc.assert(
      fc.property(members, fc.integer({ min: 1_001, max: 2_000 }), (some, joining) => {
        const before = new HashRing(some);
        const after = new HashRing([...some, joining]);
        for (const key of keys) expect([before.memberOf(key), joining]).toContain(after.memberOf(key));
      }),
      { numRuns: 10 },
    );
  });

  it('spreads keys over 32 members within half and twice the mean', () => {
    const ring = new HashRing(Array.from({ length: 32 }, (_, member) => member));
    const shares = new Map<number, number>();
    for (let index = 0; index < 16_000; index++) {
      const member = ring.memberOf(`stream ${index}`);
      shares.set(member, (shares.get(member) ?? 0) + 1);
    }
    expect(shares.size).toBe(32);
    expect(Math.min(...shares.values())).toBeGreaterThan(250);
    expect(Math.max(...shares.values())).toBeLessThan(1_000);
  });

  it('has no member for an empty ring', () => {
    expect(() => new HashRing([])).toThrow('a ring needs a member');
  });
});

describe('the first placement of the slots', () => {
  it('is the same on every machine and leaves no partition idle', () => {
    const placement = initialPlacement();
    expect(placement).toHaveLength(256);
    expect(initialPlacement()).toEqual(placement);
    expect(new Set(placement).size).toBe(partitionCount);
  });
});
