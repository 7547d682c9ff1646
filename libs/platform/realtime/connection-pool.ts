import type { Connection } from './connection.ts';

/** What the pool asks of a connection. */
type Pooled = Pick<Connection, 'tick' | 'queuedBytes' | 'subscriptions' | 'isMoving' | 'isOpen' | 'movedHereAt'>;

/** The open connections of this process. */
export class ConnectionPool<C extends Pooled = Connection> implements Iterable<C> {
  private readonly connections = new Set<C>();
  private walk: Iterator<C> | undefined;

  get size(): number {
    return this.connections.size;
  }

  get queuedBytes(): number {
    let bytes = 0;
    for (const connection of this.connections) bytes += connection.queuedBytes;
    return bytes;
  }

  [Symbol.iterator](): Iterator<C> {
    return this.connections.values();
  }

  add(connection: C): void {
    this.connections.add(connection);
  }

  delete(connection: C): void {
    this.connections.delete(connection);
  }

  /**
   * Looks after one of `slices` parts: in as many calls each connection gets its turn once. All at one time would be a
   * stall of 17 ms for ten thousand.
   */
  tick(now: number, wallNow: number, slices: number): void {
    for (let left = Math.ceil(this.connections.size / slices); left > 0; left--) {
      this.walk ??= this.connections.values();
      const { value, done } = this.walk.next();
      if (done === true) {
        // The end of a round; the next call begins another, so that nobody gets two turns in one.
        this.walk = undefined;
        return;
      }
      value.tick(now, wallNow);
    }
  }

  /**
   * Those who are cheapest to move: nothing waits for them, they are in few rooms, and not on their way already.
   *
   * @param restedSince who was moved here after it (monotonic clock) is left alone: nobody is to be sent from server to server
   */
  lightest(count: number, restedSince = Infinity): C[] {
    return [...this.connections]
      .filter(({ isOpen, isMoving, movedHereAt = -Infinity }) => isOpen && !isMoving && movedHereAt <= restedSince)
      .toSorted((a, b) => a.queuedBytes - b.queuedBytes || a.subscriptions.size - b.subscriptions.size)
      .slice(0, count);
  }

  /** Those who hold most and are not leaving already: by bytes that wait for them, then by rooms. */
  heaviest(count: number): C[] {
    return [...this.connections]
      .filter(({ isOpen }) => isOpen)
      .toSorted((a, b) => b.queuedBytes - a.queuedBytes || b.subscriptions.size - a.subscriptions.size)
      .slice(0, count);
  }
}
