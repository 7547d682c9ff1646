import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LogUnderModel } from './log-under-model.ts';
import { ModelScene } from './model-scene.ts';
import { script } from './script.ts';

export interface ModelContractOptions {
  readonly runs: number;
  /** Whether a failing script is worth making smaller, which takes as many runs again. */
  readonly shrink: boolean;
}

/**
 * The log is what one append after another would have made it, for any mix of appends, repeats, clashes, conflicts, reads,
 * moves of slots, kills and lost answers. TEST_SEED brings back the scripts of a run that printed it.
 *
 * @param open one log; every script goes on in it, with streams of its own
 */
export function eventStoreModelContract(
  open: () => Promise<LogUnderModel>,
  { runs, shrink }: ModelContractOptions,
): void {
  let log: LogUnderModel;
  beforeAll(async () => {
    log = await open();
  });
  afterAll(() => log?.close());

  it('is at every step what one append after another would have made of it', { timeout: 180_000 }, async () => {
    const seed = Number(process.env['TEST_SEED'] ?? randomInt(2 ** 31));
    console.log(`scripts against the model of the log: TEST_SEED=${seed}`);
    await fc.assert(
      fc.asyncProperty(script, async (rounds) => {
        const scene = await ModelScene.open(log);
        try {
          for (const round of rounds) await scene.play(round);
          expect(await scene.end()).toEqual([]);
        } finally {
          scene.close();
        }
      }),
      { seed, numRuns: runs, endOnFailure: !shrink },
    );
  });
}
