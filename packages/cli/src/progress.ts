import type { StatusLine } from './status-line.ts';

const barWidth = 24;
/** Redrawn at most so often: a terminal over ssh is slower than a disk. */
const everyMs = 100;

/** How far a file has been sent: a bar on a terminal, nothing elsewhere, where it would fill the log of a CI job. */
export class Progress {
  private readonly line: StatusLine;
  private lastAt = 0;

  constructor(line: StatusLine) {
    this.line = line;
  }

  show(label: string, sent: number, total: number): void {
    const now = Date.now();
    if (!this.line.isDrawable || (sent < total && now - this.lastAt < everyMs)) return;
    this.lastAt = now;
    const share = total === 0 ? 1 : Math.min(1, sent / total);
    const filled = Math.round(share * barWidth);
    const bar = `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)}`;
    this.line.draw(`${bar} ${String(Math.floor(share * 100)).padStart(3)} % of ${sizeOf(total)}  ${label}`);
  }

  clear(): void {
    this.line.clear();
  }
}

/** 1.4 MiB, 312 KiB, 20 B. */
export function sizeOf(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KiB`;
  return `${(bytes / (1024 * 1024)).toFixed(1)} MiB`;
}
