/** Something that can be given up. */
interface Kept {
  clear(): void;
}

/**
 * Bytes that all rooms of a process together may remember. Ten thousand rooms that each keep a little are a lot: when it is
 * too much, the room that was written to longest ago forgets first, and reads from the store what it is asked for.
 */
export class RecentBudget {
  private bytes = 0;
  /** In the order in which they were last written to. */
  private readonly kept = new Map<Kept, number>();

  constructor(private readonly maxBytes: number) {}

  get used(): number {
    return this.bytes;
  }

  /** @param bytes that a room keeps from now on */
  note(room: Kept, bytes: number): void {
    this.bytes += bytes - (this.kept.get(room) ?? 0);
    this.kept.delete(room);
    if (bytes > 0) this.kept.set(room, bytes);
    for (const oldest of this.kept.keys()) {
      if (this.bytes <= this.maxBytes || oldest === room) return;
      oldest.clear();
    }
  }
}
