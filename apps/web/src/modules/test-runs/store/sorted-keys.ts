/** Keys in the order of a comparison, made for many small insertions and some large ones. */
export class SortedKeys {
  private keys: string[] = [];

  constructor(private readonly compare: (a: string, b: string) => number) {}

  get length(): number {
    return this.keys.length;
  }

  at(index: number): string | undefined {
    return this.keys[index];
  }

  get all(): readonly string[] {
    return this.keys;
  }

  /** The keys must not be in yet. A page of a large run is merged in one pass; a few live rows are put in one by one. */
  insert(added: readonly string[]): void {
    if (added.length > 32) this.merge(added);
    else for (const key of added) this.keys.splice(this.indexOf(key), 0, key);
  }

  remove(key: string): void {
    const index = this.indexOf(key);
    if (this.keys[index] === key) this.keys.splice(index, 1);
  }

  has(key: string): boolean {
    return this.keys[this.indexOf(key)] === key;
  }

  /** Where the key stands, or would stand. */
  indexOf(key: string): number {
    let low = 0;
    let high = this.keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compare(this.keys[middle]!, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  clear(): void {
    this.keys = [];
  }

  private merge(added: readonly string[]): void {
    const sorted = [...added].sort(this.compare);
    const merged: string[] = [];
    let next = 0;
    for (const key of this.keys) {
      while (next < sorted.length && this.compare(sorted[next]!, key) < 0) merged.push(sorted[next++]!);
      merged.push(key);
    }
    while (next < sorted.length) merged.push(sorted[next++]!);
    this.keys = merged;
  }
}
