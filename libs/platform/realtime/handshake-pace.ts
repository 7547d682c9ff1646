import { performance } from 'node:perf_hooks';

/** Of a turn of the loop, for handshakes: 20 to 40 of them. Their subscriptions follow at the pace at which they got in. */
const sliceMs = 4;

/** After the next round of I/O. */
export type NextTurn = (work: () => void) => void;

/**
 * Lets a crowd in a slice at a time. A handshake with its greeting takes a tenth of a millisecond or two; hundreds that are
 * ready in one turn of the loop would hold up everybody who is connected for as long as all of them take. Whoever comes
 * while the slice of the turn is not used up is let in at once.
 */
export class HandshakePace {
  private readonly waiting: (() => void)[] = [];
  /** Of `waiting`, those that are done: taking them off one by one would move the rest each time. */
  private taken = 0;
  private spentMs = 0;
  private scheduled = false;

  constructor(
    private readonly nextTurn: NextTurn = setImmediate,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get size(): number {
    return this.waiting.length - this.taken;
  }

  /** Runs `open` now or in one of the next turns, in the order of the calls. What it throws is the caller's to catch. */
  run(open: () => void): void {
    if (this.size === 0 && this.spentMs < sliceMs) this.timed(open);
    else this.waiting.push(open);
    if (this.scheduled) return;
    this.scheduled = true;
    this.nextTurn(() => this.turn());
  }

  private turn(): void {
    this.scheduled = false;
    this.spentMs = 0;
    while (this.size > 0 && this.spentMs < sliceMs) this.timed(this.waiting[this.taken++]!);
    if (this.size === 0) {
      this.waiting.length = 0;
      this.taken = 0;
      // Nobody waits, and the slice of this turn has not begun for whoever comes next.
      this.spentMs = 0;
      return;
    }
    this.scheduled = true;
    this.nextTurn(() => this.turn());
  }

  private timed(open: () => void): void {
    const began = this.now();
    try {
      open();
    } finally {
      this.spentMs += this.now() - began;
    }
  }
}
