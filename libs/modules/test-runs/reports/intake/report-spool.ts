import { createHash } from 'node:crypto';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { limits } from '@testcast/contracts';
import { DomainError } from '#platform/kernel';
import { plainChunks } from './plain-chunks.ts';

/** A report that is whole and on disk. */
export interface SpooledReport {
  readonly bytes: number;
  /** Of the content, after decompression, so that a report is the same report however it was sent. */
  readonly sha256: string;
  /** Reads it from its beginning; one reading at a time. */
  read(): AsyncIterable<Uint8Array>;
}

// A piece of so many bytes is parsed in some milliseconds, for which everybody else on the event loop waits.
const chunkBytes = 32 * 1024;

/**
 * Writes a body to a file of its own, hands it to `use`, and deletes it whatever happens. Throws `request.too-large` above
 * 256 MiB, after decompression, and `report.truncated` when the body ends before it should.
 */
export async function spooled<T>(
  body: AsyncIterable<Uint8Array>,
  use: (report: SpooledReport) => Promise<T>,
  maxBytes: number = limits.reportBytes,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'testcast-report-'));
  let file: FileHandle | undefined;
  try {
    file = await open(join(folder, 'report'), 'wx+', 0o600);
    // Open files outlive their names: after a kill there is nothing to clean up. Windows keeps names until the close.
    if (process.platform !== 'win32') await rm(folder, { recursive: true, force: true });
    const written = await write(body, file, maxBytes);
    return await use({ ...written, read: () => readAll(file!) });
  } finally {
    await file?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function write(body: AsyncIterable<Uint8Array>, file: FileHandle, maxBytes: number) {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of plainChunks(body)) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new DomainError('request.too-large', `A report may have ${maxBytes} bytes.`, {
        details: { limit: maxBytes },
      });
    }
    hash.update(chunk);
    await file.writeFile(chunk);
  }
  return { bytes, sha256: hash.digest('hex') };
}

// Read by position, since the handle's own stands at the end; the reads themselves let other work run in between.
function readAll(file: FileHandle): AsyncIterable<Uint8Array> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let position = 0; ;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }
  return Readable.from(chunks(), { objectMode: true, highWaterMark: 1 });
}
