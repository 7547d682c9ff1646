/** The log skipped a position, which it never does by itself: it was damaged, or a replica is being read mid-restore. */
export class LogHole extends Error {
  override readonly name = 'LogHole';

  constructor(slot: number, expected: number, found: number) {
    super(`slot ${slot} of the log goes on at ${found} where ${expected} should be`);
  }
}
