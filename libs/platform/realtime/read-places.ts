/** So many reads of the store at once, the others in order: a storm of reads must leave connections to the appends. */
export class ReadPlaces {
  private readonly queue: (() => void)[] = [];
  private taken = 0;

  constructor(private readonly places: number) {}

  async run<T>(read: () => Promise<T>): Promise<T> {
    if (this.taken >= this.places) await new Promise<void>((resolve) => this.queue.push(resolve));
    else this.taken += 1;
    try {
      return await read();
    } finally {
      // The place is handed on, so that nobody can take it in between.
      const next = this.queue.shift();
      if (next === undefined) this.taken -= 1;
      else next();
    }
  }
}
