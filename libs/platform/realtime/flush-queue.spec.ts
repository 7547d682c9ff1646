import { expect, it } from 'vitest';
import { gapAt } from './flush-pace.ts';
import { FlushQueue } from './flush-queue.ts';

it('writes at once while the loop has time, and merges more the busier it is', () => {
  expect([0, 0.6, 0.61, 0.8, 0.81, 1].map(gapAt)).toEqual([0, 0, 25, 25, 100, 100]);
});

it('writes a room once for all that came in one turn', async () => {
  const queue = new FlushQueue();
  let flushes = 0;
  const flushed = new Promise<void>((resolve) => {
    const room = { lastFlushAt: 0, flush: () => ((flushes += 1), resolve()) };
    for (let event = 0; event < 5; event++) queue.add(room);
  });
  await flushed;
  await new Promise((resolve) => setImmediate(resolve));
  expect(flushes).toBe(1);
});
