import { expect, it } from 'vitest';
import { parseCheckpoints } from './checkpoints-of.ts';

it('reads the positions that a statement brought with its rows', () => {
  expect(parseCheckpoints({ '0': 12, '255': 9_007_199_254_740_991 })).toEqual(
    new Map([
      [0, 12],
      [255, 9_007_199_254_740_991],
    ]),
  );
  expect(parseCheckpoints({}).size).toBe(0);
});
