/** A few hundred tell as much of a median as all of them. */
const kept = 256;
/** Who was pinged longer ago may be somewhere else by now. */
const keptMs = 60_000;

/**
 * How long pings take to clients and back: the newest of the last minute. They take no memory of a connection, and are put in
 * order only when somebody asks.
 */
export class RoundTrips {
  private readonly milliseconds = new Float64Array(kept);
  private readonly takenAt = new Float64Array(kept).fill(-Infinity);
  private next = 0;

  /** @param now milliseconds of the monotonic clock */
  note(milliseconds: number, now: number): void {
    this.milliseconds[this.next] = milliseconds;
    this.takenAt[this.next] = now;
    this.next = (this.next + 1) % kept;
  }

  /** Undefined when nobody has answered a ping within the last minute. The median, since one phone in a tunnel says little. */
  median(now: number): number | undefined {
    const fresh = this.milliseconds.filter((_, at) => now - this.takenAt[at]! <= keptMs).sort();
    return fresh[Math.floor(fresh.length / 2)];
  }
}
