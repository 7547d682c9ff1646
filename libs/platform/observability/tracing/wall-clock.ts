/** Milliseconds by which the clocks may differ before the offset is taken anew: somebody has set the wall clock. */
const tolerance = 10;

/** Tells times of the monotonic clock as epoch milliseconds, with their fraction, so that spans of a process keep their order. */
export class WallClock {
  private offset = Date.now() - performance.now();

  at(monotonic: number): number {
    // `Date.now()` counts whole milliseconds: an offset taken for each span would be off by another part of one each time.
    const offset = Date.now() - performance.now();
    if (Math.abs(offset - this.offset) > tolerance) this.offset = offset;
    return this.offset + monotonic;
  }
}
