import { expect, it } from 'vitest';
import { Persistence } from './persistence.ts';

it('tries again until it works', async () => {
  let failures = 2;
  const answer = await new Persistence().until(async () => {
    if (failures-- > 0) throw new Error('away');
    return 'there';
  });
  expect(answer).toBe('there');
});

it('does not keep whoever stops it waiting for the next try', async () => {
  const persistence = new Persistence();
  let tries = 0;
  const waiting = persistence.until(async () => {
    tries += 1;
    throw new Error('away');
  });
  persistence.stop();
  await expect(waiting).rejects.toThrow('away');
  expect(tries).toBeLessThanOrEqual(2);
});
