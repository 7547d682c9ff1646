import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ClockOffset } from './clock-offset.ts';

/** A reading of a server behind us by so much, there and back on ways of so many milliseconds. */
function reading(sentAt: number, aheadByMs: number, there: number, back: number) {
  return { sentAt, receivedAt: sentAt + there + back, serverAt: sentAt + there - aheadByMs };
}

it('is 0 as long as nobody knows', () => {
  expect(new ClockOffset().aheadByMs).toBe(0);
});

it('is what lies between the clocks, whichever is ahead', () => {
  for (const ahead of [300, -300, 0]) {
    const offset = new ClockOffset();
    offset.note(reading(1000, ahead, 2, 2));
    expect(offset.aheadByMs).toBe(ahead);
  }
});

it('believes the answer that was shortest on its way', () => {
  const offset = new ClockOffset();
  offset.note(reading(1000, 300, 1, 1));
  // It waited for a busy event loop.
  offset.note(reading(2000, 300, 1, 400));
  expect(offset.aheadByMs).toBe(300);
});

it('follows a clock that was set, within eight readings', () => {
  const offset = new ClockOffset();
  for (let at = 0; at < 8; at++) offset.note(reading(at, 300, 1, 1));
  for (let at = 8; at < 16; at++) offset.note(reading(at, -20, 3, 3));
  expect(offset.aheadByMs).toBe(-20);
});

it('does not believe a reading in which the clock of this process was set back', () => {
  const offset = new ClockOffset();
  offset.note(reading(1000, 300, 2, 2));
  offset.note({ sentAt: 5000, receivedAt: 2000, serverAt: 1700 });
  expect(offset.aheadByMs).toBe(300);
});

it('is never wrong by more than half of the shortest round trip', () => {
  const way = fc.integer({ min: 0, max: 500 });
  fc.assert(
    fc.property(
      fc.integer({ min: -5000, max: 5000 }),
      fc.array(fc.tuple(way, way), { minLength: 1 }),
      (ahead, ways) => {
        const offset = new ClockOffset();
        for (const [at, [there, back]] of ways.entries()) offset.note(reading(at, ahead, there, back));
        const shortest = Math.min(...ways.slice(-8).map(([there, back]) => there + back));
        expect(Math.abs(offset.aheadByMs - ahead)).toBeLessThanOrEqual(shortest / 2);
      },
    ),
  );
});
