import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LogUnderTest } from './fixtures/log-under-test.ts';
import { action, ModelScene } from './fixtures/model-scene.ts';

describe('a log whose partitions change', () => {
  let log: LogUnderTest;
  beforeAll(async () => {
    log = await LogUnderTest.open();
  });
  afterAll(() => log?.close());

  it('is the log that an unpartitioned one is, at every step and after every kill', { timeout: 180_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 10, maxLength: 40 }), async (script) => {
        // Two slots of one partition, so that a split has two to part.
        const scene = await ModelScene.open(log, (await partitionWithTwoSlots(log)).slice(0, 2));
        for (const one of script) await scene.play(one);
        expect(await scene.end()).toEqual([]);
      }),
      { numRuns: 12, endOnFailure: true },
    );
  });
});

async function partitionWithTwoSlots(log: LogUnderTest): Promise<number[]> {
  for (const { partition } of await log.partitions().statistics()) {
    const slots = await log.slotsOf(partition);
    if (slots.length > 1) return slots;
  }
  throw new Error('no partition has two slots');
}
