interface Mark {
  /** slot → position of the newest event that changed the row. */
  readonly slots: Map<number, number>;
  dueAt: number;
  delayMs: number;
}

/**
 * Which rows of a state room are to be read, because an event said that they change. A mark clears when a read reflects
 * the event; until then it is tried again, after 100 ms, doubling to 5 s. Pure: the time comes in.
 */
export class StateMarks {
  private readonly marks = new Map<string, Mark>();

  constructor(
    private readonly firstDelayMs: number,
    private readonly maxDelayMs: number,
  ) {}

  get size(): number {
    return this.marks.size;
  }

  /** @returns when the mark is due */
  add(key: string, slot: number, position: number, now: number): number {
    const mark = this.marks.get(key);
    if (mark === undefined) {
      this.marks.set(key, { slots: new Map([[slot, position]]), dueAt: now, delayMs: this.firstDelayMs });
      return now;
    }
    if (position > (mark.slots.get(slot) ?? 0)) mark.slots.set(slot, position);
    // News for a row that was being waited for: the projection moves again.
    mark.dueAt = Math.min(mark.dueAt, now + this.firstDelayMs);
    mark.delayMs = this.firstDelayMs;
    return mark.dueAt;
  }

  /** When the first of them is due; undefined when there is none. */
  dueAt(): number | undefined {
    let first: number | undefined;
    for (const { dueAt } of this.marks.values()) first = first === undefined ? dueAt : Math.min(first, dueAt);
    return first;
  }

  /** What to read now. */
  due(now: number, limit: number): { keys: string[]; slots: number[] } {
    const keys: string[] = [];
    const slots = new Set<number>();
    for (const [key, mark] of this.marks) {
      if (mark.dueAt > now) continue;
      keys.push(key);
      for (const slot of mark.slots.keys()) slots.add(slot);
      if (keys.length === limit) break;
    }
    return { keys, slots: [...slots] };
  }

  /** The keys have been read together with these checkpoints. */
  settle(keys: readonly string[], checkpoints: ReadonlyMap<number, number>, now: number): void {
    for (const key of keys) {
      const mark = this.marks.get(key);
      if (mark === undefined) continue;
      for (const [slot, position] of mark.slots) {
        if ((checkpoints.get(slot) ?? 0) >= position) mark.slots.delete(slot);
      }
      if (mark.slots.size === 0) this.marks.delete(key);
      else this.postpone(mark, now);
    }
  }

  /** The read failed. */
  retry(keys: readonly string[], now: number): void {
    this.settle(keys, new Map(), now);
  }

  clear(): void {
    this.marks.clear();
  }

  private postpone(mark: Mark, now: number): void {
    mark.dueAt = now + mark.delayMs;
    mark.delayMs = Math.min(mark.delayMs * 2, this.maxDelayMs);
  }
}
