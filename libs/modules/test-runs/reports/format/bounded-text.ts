import { withoutBrokenPairs } from './repaired-text.ts';

/**
 * Text that arrives in pieces, of which the beginning and the end are kept. What is kept depends on the whole alone and
 * not on how it was cut into pieces, so that a report read twice gives the same items.
 */
export class BoundedText {
  private head = '';
  private tail = '';
  private dropped = false;
  private readonly half: number;

  /** `limit`: about as many characters as are kept. A longer text comes out longer than that, so that it is marked as cut. */
  constructor(limit: number) {
    this.half = Math.ceil(limit / 2) + 16;
  }

  get isEmpty(): boolean {
    return this.head === '';
  }

  append(piece: string): void {
    const room = this.half - this.head.length;
    if (room > 0) this.head += piece.slice(0, room);
    if (piece.length <= room) return;
    this.tail += piece.slice(Math.max(room, piece.length - this.half));
    if (piece.length - Math.max(room, 0) > this.half) this.dropped = true;
    // Twice the half, so that a text of many small pieces is not copied for each of them.
    if (this.tail.length <= 2 * this.half) return;
    this.tail = this.tail.slice(-this.half);
    this.dropped = true;
  }

  toString(): string {
    const cut = this.dropped || this.tail.length > this.half;
    return withoutBrokenPairs(cut ? `${this.head}\n…\n${this.tail.slice(-this.half)}` : this.head + this.tail);
  }
}

/** A text with its middle left out where it is longer than `limit` characters; the result is never longer than `limit`. */
export function cutMiddle(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const half = Math.floor((limit - 1) / 2);
  return withoutBrokenPairs(`${text.slice(0, half)}…${text.slice(-half)}`);
}
