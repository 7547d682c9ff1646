import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, it } from 'vitest';
import { slotOf } from '#platform/event-store';
import { eventually } from '#platform/testing';
import {
  admin,
  append,
  builds,
  caughtUp,
  counting,
  fold,
  log,
  newTestProjector,
  rows,
  streams,
  type TestProjector,
  useCountingProjectors,
} from './fixtures/counting-projectors.ts';

Logger.overrideLogger(false);
useCountingProjectors();
let open = () => {};
// Before the projectors are stopped, which let what they are at finish.
afterEach(() => open());

/** As a feed does; one that divides the slots by itself brings each process every other slot. */
async function feed(projectors: readonly TestProjector[], { divided = false } = {}): Promise<void> {
  const { positions } = await log.heads();
  for (const [n, { engine }] of projectors.entries()) {
    const brought = positions.map((head, slot) => (!divided || slot % projectors.length === n ? head : 0));
    engine.noteHeads(positions, brought);
  }
}

describe.each([
  ['the beats divide what is live', false],
  ['the feed divides what is live', true],
])('a release of new code to one projector after the other, where %s', (_, divided) => {
  it('ends in the new rows, and the rows that are read are written all the time', async () => {
    await append(400);
    // In slots of both: those that the new one is brought are written by the old one.
    expect(new Set(streams.map((stream) => slotOf(stream) % 2)).size).toBe(2);
    const options = { shares: true, feedShares: divided };
    const old = [await newTestProjector(counting(1), options), await newTestProjector(counting(1), options)];
    await caughtUp(...old);
    const gate = new Promise<void>((resolve) => (open = resolve));
    const projectors = [
      ...old,
      await newTestProjector(
        counting(2, () => gate),
        options,
      ),
    ];
    await old[0]!.stop();
    projectors.splice(0, 1);
    await eventually(async () => expect(await admin.query('select from projectors')).toHaveLength(2));
    for (let round = 0; round < 3; round++) {
      await append(40);
      const expected = await fold();
      await eventually(async () => {
        await feed(projectors, { divided });
        expect(await rows()).toEqual(expected);
      });
    }
    expect(await builds()).toMatchObject([{ state: 'live' }, { version: 2, state: 'filling' }]);
    open();
    await eventually(
      async () => {
        await append(8);
        await feed(projectors, { divided });
        expect(await builds()).toMatchObject([{ state: 'retired' }, { version: 2, state: 'live' }]);
      },
      { within: 15_000 },
    );
    await append(40);
    const expected = await fold();
    await eventually(async () => {
      await feed(projectors, { divided });
      expect(await rows()).toEqual(expected);
    });
    expect(projectors[1]!.engine.complaints()).toEqual([]);
  }, 60_000);
});
