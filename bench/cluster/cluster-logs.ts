import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';

const tailLines = 12;
const tailBytes = 8 * 1024;

/** A file for what each process of a cluster writes, by the process's name. */
export class ClusterLogs {
  private constructor(readonly directory: string) {}

  static async in(directory: string): Promise<ClusterLogs> {
    await mkdir(directory, { recursive: true });
    return new ClusterLogs(directory);
  }

  fileOf(name: string): string {
    return path.join(this.directory, `${name.toLowerCase().replaceAll(' ', '-')}.log`);
  }

  /** The last lines, of which the first may be cut; empty where nothing was written. */
  async tailOf(name: string): Promise<string[]> {
    const file = await open(this.fileOf(name)).catch(() => undefined);
    if (file === undefined) return [];
    try {
      const { size } = await file.stat();
      const length = Math.min(size, tailBytes);
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
      return buffer.toString().trimEnd().split('\n').slice(-tailLines);
    } finally {
      await file.close();
    }
  }
}
