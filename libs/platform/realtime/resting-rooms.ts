/** So many rooms stay for those who come back; each keeps its newest events, at most 64 KiB, or its rows. */
export const maxRestingRooms = 1000;

interface RestingRoom {
  readonly since: number;
  readonly close: () => void;
}

/**
 * Rooms that nobody is in and that stay a while. Who subscribes to one room after the other and leaves each could else
 * make a process hold as many as it opens in ten seconds.
 */
export class RestingRooms {
  private readonly rooms: RestingRoom[] = [];

  /** @param since when the last one left; undefined = somebody is in, or on the way in */
  add(since: number | undefined, close: () => void): void {
    if (since !== undefined) this.rooms.push({ since, close });
  }

  /** Closes those that have rested the longest. */
  closeBeyond(most: number): void {
    const tooMany = this.rooms.length - most;
    if (tooMany <= 0) return;
    this.rooms.sort((a, b) => a.since - b.since);
    for (const { close } of this.rooms.slice(0, tooMany)) close();
  }
}
