/** Epoch milliseconds of both clocks at one reading of the server's: its answer came between the two of ours. */
export interface ClockReading {
  readonly sentAt: number;
  readonly receivedAt: number;
  readonly serverAt: number;
}

/** Readings of which the one with the shortest round trip is believed (the clock filter of RFC 5905, 10). */
const readingsTogether = 8;

/**
 * How far the clock of this process is ahead of a server's, from readings of that clock: in the middle of its round trip, and
 * wrong by half of it at most. One that waited, in a queue or for a busy event loop, was longer on its way than its neighbours.
 */
export class ClockOffset {
  private readonly readings: ClockReading[] = [];
  /** Milliseconds; below 0 where this process is behind, 0 as long as nobody knows. */
  aheadByMs = 0;

  note(reading: ClockReading): void {
    // The clock was set back meanwhile.
    if (tripOf(reading) < 0) return;
    this.readings.push(reading);
    if (this.readings.length > readingsTogether) this.readings.shift();
    const best = this.readings.reduce((one, other) => (tripOf(other) <= tripOf(one) ? other : one));
    this.aheadByMs = (best.sentAt + best.receivedAt) / 2 - best.serverAt;
  }
}

function tripOf({ sentAt, receivedAt }: ClockReading): number {
  return receivedAt - sentAt;
}
