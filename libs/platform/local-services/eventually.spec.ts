import { expect, it } from 'vitest';
import { eventually } from './eventually.ts';

it('answers with what the assertion returns once it passes', async () => {
  let tries = 0;
  const answer = await eventually(
    () => {
      tries += 1;
      expect(tries).toBe(3);
      return 'there';
    },
    { every: 1 },
  );
  expect(answer).toBe('there');
});

it('gives up with the last failure, and says what it waited for', async () => {
  let tries = 0;
  const waiting = eventually(() => Promise.reject(new Error(`not there yet (${(tries += 1)})`)), {
    within: 20,
    every: 5,
    message: 'the run finishes',
  });
  await expect(waiting).rejects.toThrow(/the run finishes: still failing after 20 ms and \d+ tries: not there yet/);
  await expect(waiting).rejects.toThrow(`not there yet (${tries})`);
});
