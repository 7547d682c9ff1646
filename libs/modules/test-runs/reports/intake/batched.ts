import { type ResultItemInput, limits } from '@testcast/contracts';

// Room for the brackets and commas of the array.
const room = limits.batchBytes - 2 * limits.batchItems;

/** Items in batches of at most 500 and 512 KiB, in order; answers what the source answers at its end. */
export async function* batched<R>(source: AsyncGenerator<ResultItemInput[], R>): AsyncGenerator<ResultItemInput[], R> {
  let batch: ResultItemInput[] = [];
  let bytes = 0;
  for (;;) {
    const { value, done } = await source.next();
    if (done === true) {
      if (batch.length > 0) yield batch;
      return value;
    }
    for (const item of value) {
      const size = Buffer.byteLength(JSON.stringify(item));
      if (batch.length === limits.batchItems || bytes + size > room) {
        yield batch;
        batch = [];
        bytes = 0;
      }
      batch.push(item);
      bytes += size;
    }
  }
}
