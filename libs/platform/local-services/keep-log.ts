import type { ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';

/** Appends to a file what a child writes to its pipes, beside whoever else reads them. Nothing without a file. */
export function keepLog(child: ChildProcess, file: string | undefined): void {
  if (file === undefined) return;
  const log = createWriteStream(file, { flags: 'a' });
  // The folder may be gone before a child that was killed.
  log.on('error', () => undefined);
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => log.write(chunk));
  child.once('close', () => log.end());
}
