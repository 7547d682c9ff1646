import { measuredText, type ItemLine } from './item-line.ts';
import type { Spill } from './spill.ts';

export interface BacklogLimits {
  /** Default 10,000. */
  items: number;
  /** Default 16 MiB. */
  bytes: number;
}

/**
 * Results that wait to be sent, in order and in bounded memory. What does not fit is spilled; where there is no place to
 * spill to, the oldest are dropped and counted.
 */
export class Backlog {
  dropped = 0;
  private lines: ItemLine[] = [];
  private first = 0;
  private bytes = 0;
  private spill: Spill | undefined;
  private openSpill: (() => Spill) | undefined;
  private readonly limits: BacklogLimits;

  constructor(limits: BacklogLimits, openSpill?: () => Spill) {
    this.limits = limits;
    this.openSpill = openSpill;
  }

  get size(): number {
    return this.inMemory + (this.spill?.size ?? 0);
  }

  push(line: ItemLine): void {
    // Once something is spilled, all that follows goes behind it: the order is kept.
    if ((this.spill?.size ?? 0) > 0 || this.isFull(line)) {
      if (this.spillLine(line)) return;
      while (this.isFull(line) && this.inMemory > 0) {
        this.shift();
        this.dropped += 1;
      }
    }
    this.lines.push(line);
    this.bytes += line.bytes;
  }

  /** Takes out the first lines: at most so many, and so many bytes with their line ends, but at least one. */
  take(items: number, bytes: number): ItemLine[] {
    this.refill(items);
    const batch: ItemLine[] = [];
    let size = 0;
    while (batch.length < items && this.inMemory > 0) {
      const next = this.lines[this.first]!;
      if (batch.length > 0 && size + next.bytes + 1 > bytes) break;
      size += next.bytes + 1;
      batch.push(this.shift());
    }
    return batch;
  }

  /** Keeps what is left, and `before` it these, in a file; undefined where there is none to be had. */
  keep(before: readonly ItemLine[]): string | undefined {
    const spill = this.spill ?? this.tryOpen();
    if (spill === undefined) return undefined;
    try {
      const lines = [...before, ...this.lines.slice(this.first)];
      return spill.keep(lines.map(({ text }) => text));
    } catch {
      return undefined;
    }
  }

  clear(): number {
    const { size } = this;
    this.lines = [];
    this.first = 0;
    this.bytes = 0;
    this.discard();
    return size;
  }

  /** Removes the file, if there is one. */
  discard(): void {
    this.spill?.discard();
    this.spill = undefined;
    this.openSpill = undefined;
  }

  private get inMemory(): number {
    return this.lines.length - this.first;
  }

  private isFull(line: ItemLine): boolean {
    return this.inMemory >= this.limits.items || this.bytes + line.bytes > this.limits.bytes;
  }

  // Moves the start instead of the lines: shifting an array of 10,000 for each item is felt.
  private shift(): ItemLine {
    const line = this.lines[this.first]!;
    this.first += 1;
    this.bytes -= line.bytes;
    if (this.first >= 1000 && this.first * 2 >= this.lines.length) {
      this.lines = this.lines.slice(this.first);
      this.first = 0;
    }
    return line;
  }

  private refill(items: number): void {
    if (this.spill === undefined || this.spill.size === 0 || this.inMemory >= items) return;
    for (const text of this.spill.take(items - this.inMemory)) {
      const line = measuredText(text);
      this.lines.push(line);
      this.bytes += line.bytes;
    }
  }

  private spillLine({ text }: ItemLine): boolean {
    this.spill ??= this.tryOpen();
    if (this.spill === undefined) return false;
    try {
      this.spill.push(text);
      return true;
    } catch {
      // A full disk: what is spilled already can still be read.
      return false;
    }
  }

  private tryOpen(): Spill | undefined {
    try {
      return this.openSpill?.();
    } catch {
      // No disk to write to: the suite goes on, the oldest results are dropped.
      this.openSpill = undefined;
      return undefined;
    }
  }
}
