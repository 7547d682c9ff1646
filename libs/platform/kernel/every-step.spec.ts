import { expect, it } from 'vitest';
import { everyStep } from './every-step.ts';

it('steps are taken in order, each when the one before it is done', async () => {
  const taken: number[] = [];
  const step = (n: number) => async () => {
    await Promise.resolve();
    taken.push(n);
  };
  await everyStep([step(1), () => taken.push(2), step(3)]);
  expect(taken).toEqual([1, 2, 3]);
});

it('one that fails keeps none of the others from being taken, and is told at the end', async () => {
  const taken: number[] = [];
  const broken = new Error('broken');
  const failing = () => Promise.reject(broken);
  const throwing = () => {
    throw new Error('thrown');
  };
  await expect(everyStep([failing, () => taken.push(2)])).rejects.toBe(broken);
  await expect(everyStep([failing, () => taken.push(3), throwing, () => taken.push(4)])).rejects.toMatchObject({
    message: 'Error: broken; Error: thrown',
    errors: [broken, expect.any(Error) as Error],
  });
  expect(taken).toEqual([2, 3, 4]);
});
