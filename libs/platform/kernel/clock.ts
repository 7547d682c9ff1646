/** The server's clock, as a value that tests can replace. Epoch milliseconds. */
export abstract class Clock {
  abstract now(): number;
}

export class SystemClock extends Clock {
  now(): number {
    return Date.now();
  }
}
