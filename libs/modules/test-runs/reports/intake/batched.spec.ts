import type { ResultItemInput } from '@testcast/contracts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { batched } from './batched.ts';

const item = (size: number): ResultItemInput => ({
  kind: 'output',
  at: 0,
  stream: 'stdout',
  seq: 0,
  text: 'é'.repeat(size),
});

it('batches hold every item once, in order, and keep within 500 items and 512 KiB', async () => {
  const sizes = fc.array(fc.array(fc.oneof(fc.constant(0), fc.integer({ max: 30_000, min: 0 })), { maxLength: 400 }), {
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(sizes, async (lists) => {
      const items = lists.map((list) => list.map(item));
      async function* source() {
        yield* items;
        return 'end';
      }
      const batches: ResultItemInput[][] = [];
      const reading = batched(source());
      let next = await reading.next();
      for (; next.done !== true; next = await reading.next()) batches.push(next.value);
      expect(next.value).toBe('end');
      expect(batches.flat()).toEqual(items.flat());
      expect(batches.every(({ length }) => length > 0 && length <= 500)).toBe(true);
      expect(batches.every((batch) => Buffer.byteLength(JSON.stringify(batch)) <= 512 * 1024)).toBe(true);
    }),
    { numRuns: 30 },
  );
});
