import { Readable, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DomainError } from '#platform/kernel';

/**
 * The body as it was before it was compressed. Gzip is told by its first bytes: a `.xml.gz` that was posted as it is needs
 * no header. Throws `report.truncated` when it ends too early, `report.unreadable` when it is not what it began as.
 */
export async function* plainChunks(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]();
  try {
    const { start, ended } = await firstBytes(iterator);
    const whole = rest(start, ended, iterator);
    yield* start[0] === 0x1f && start[1] === 0x8b ? gunzipped(whole) : whole;
  } finally {
    await iterator.return?.();
  }
}

async function firstBytes(iterator: AsyncIterator<Uint8Array>): Promise<{ start: Uint8Array; ended: boolean }> {
  let start: Uint8Array = new Uint8Array();
  while (start.length < 2) {
    const { value, done } = await nextOf(iterator);
    if (done === true) return { start, ended: true };
    start = start.length === 0 ? value : Buffer.concat([start, value]);
  }
  return { start, ended: false };
}

async function* rest(
  start: Uint8Array,
  ended: boolean,
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (start.length > 0) yield start;
  if (ended) return;
  for (let next = await nextOf(iterator); next.done !== true; next = await nextOf(iterator)) yield next.value;
}

async function nextOf(iterator: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
  try {
    return await iterator.next();
  } catch (error) {
    if (error instanceof DomainError) throw error;
    // The sender has hung up: nobody hears the answer, and it is no failure of the server's.
    throw new DomainError('report.truncated', 'The upload ended before its end. Nothing was stored.', { cause: error });
  }
}

async function* gunzipped(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  // Errors come out of the iteration below; the callback only keeps them from being thrown a second time.
  pipeline(Readable.from(compressed), gunzip, () => {});
  try {
    yield* gunzip as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw error instanceof DomainError ? error : brokenGzip(error);
  }
}

function brokenGzip(error: unknown): DomainError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR') {
    return new DomainError('report.truncated', 'The compressed report ends in the middle. Nothing was stored.', {
      cause: error,
    });
  }
  return new DomainError('report.unreadable', 'The report cannot be decompressed. Nothing was stored.', {
    cause: error,
  });
}
