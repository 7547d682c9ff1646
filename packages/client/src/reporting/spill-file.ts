import { appendFileSync, closeSync, mkdtempSync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { Spill } from './spill.ts';

const readBytes = 256 * 1024;
/** Lines are written together: a system call for each would be felt by the suite. */
const bufferedLines = 256;

/** Lines in a file of NDJSON in the system's temporary folder, which only this user can read. */
export class SpillFile implements Spill {
  size = 0;
  private readonly path: string;
  private readonly descriptor: number;
  private readonly decoder = new StringDecoder('utf8');
  private buffered: string[] = [];
  private readAt = 0;
  private rest = '';
  private readonly read: string[] = [];

  constructor(folder = tmpdir()) {
    // A folder of its own, mode 0700: test output may hold secrets, and the temporary folder is everybody's.
    this.path = join(mkdtempSync(join(folder, 'testcast-')), 'results.ndjson');
    this.descriptor = openSync(this.path, 'a+', 0o600);
  }

  push(line: string): void {
    this.buffered.push(line);
    this.size += 1;
    if (this.buffered.length >= bufferedLines) this.write();
  }

  take(count: number): string[] {
    this.write();
    while (this.read.length < count && this.fill());
    const lines = this.read.splice(0, count);
    this.size -= lines.length;
    return lines;
  }

  keep(before: readonly string[]): string {
    const kept = `${this.path}.kept`;
    appendFileSync(kept, textOf(before), { mode: 0o600 });
    while (this.size > 0) {
      const lines = this.take(1000);
      if (lines.length === 0) break;
      appendFileSync(kept, textOf(lines));
    }
    closeSync(this.descriptor);
    renameSync(kept, this.path);
    return this.path;
  }

  discard(): void {
    closeSync(this.descriptor);
    rmSync(dirname(this.path), { recursive: true, force: true });
  }

  private write(): void {
    if (this.buffered.length === 0) return;
    appendFileSync(this.descriptor, textOf(this.buffered));
    this.buffered = [];
  }

  private fill(): boolean {
    const chunk = Buffer.alloc(readBytes);
    const length = readSync(this.descriptor, chunk, 0, readBytes, this.readAt);
    if (length === 0) return false;
    this.readAt += length;
    const lines = (this.rest + this.decoder.write(chunk.subarray(0, length))).split('\n');
    this.rest = lines.pop()!;
    this.read.push(...lines);
    return true;
  }
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
