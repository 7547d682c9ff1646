import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HandshakePace } from './handshake-pace.ts';

/** A loop whose turns and clock the test moves. */
function newLoop() {
  let now = 0;
  const turns: (() => void)[] = [];
  const opened: number[] = [];
  const pace = new HandshakePace(
    (work) => void turns.push(work),
    () => now,
  );
  return {
    pace,
    opened,
    /** A handshake that takes so long. */
    come: (number: number, takesMs: number) =>
      pace.run(() => {
        now += takesMs;
        opened.push(number);
      }),
    turn: () => turns.splice(0).forEach((work) => work()),
    get isIdle() {
      return turns.length === 0;
    },
  };
}

describe('a crowd of handshakes', () => {
  it('is let in a slice a turn, the first ones at once', () => {
    const loop = newLoop();
    for (let number = 0; number < 10; number++) loop.come(number, 2);
    expect(loop.opened).toEqual([0, 1]);
    loop.turn();
    expect(loop.opened).toEqual([0, 1, 2, 3]);
    loop.turn();
    expect(loop.opened).toHaveLength(6);
  });

  it('lets one after the other in at once, when each comes in a turn of its own', () => {
    const loop = newLoop();
    for (let number = 0; number < 5; number++) {
      loop.come(number, 10);
      expect(loop.opened).toHaveLength(number + 1);
      loop.turn();
    }
    expect(loop.isIdle).toBe(true);
  });

  it('is not held up by one that cannot be opened', () => {
    const loop = newLoop();
    const broken = () => {
      throw new Error('broken');
    };
    expect(() => loop.pace.run(broken)).toThrow('broken');
    for (let number = 0; number < 3; number++) loop.come(number, 2);
    loop.turn();
    expect(loop.opened).toEqual([0, 1, 2]);
  });

  it('all get in, in the order in which they came, whatever each takes and whenever it comes', () => {
    const arrivals = fc.array(
      fc.record({ takesMs: fc.integer({ min: 0, max: 9 }), turns: fc.integer({ min: 0, max: 2 }) }),
    );
    fc.assert(
      fc.property(arrivals, (crowd) => {
        const loop = newLoop();
        for (const [number, { takesMs, turns }] of crowd.entries()) {
          loop.come(number, takesMs);
          for (let turn = 0; turn < turns; turn++) loop.turn();
        }
        for (let turn = 0; turn <= crowd.length && !loop.isIdle; turn++) loop.turn();
        expect(loop.opened).toEqual([...crowd.keys()]);
        expect(loop.pace.size).toBe(0);
        expect(loop.isIdle).toBe(true);
      }),
    );
  });
});
