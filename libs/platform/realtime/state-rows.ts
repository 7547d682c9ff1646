import type { StateItem } from '@testcast/contracts';

interface Row {
  readonly version: number;
  readonly json: string;
}

/** The rows of a watched state room as they were last read, as text. Pure. */
export class StateRows {
  private readonly rows = new Map<string, Row>();

  keys(): IterableIterator<string> {
    return this.rows.keys();
  }

  versionOf(key: string): number | undefined {
    return this.rows.get(key)?.version;
  }

  /** The row's item, or that it is gone since a version. */
  textOf(key: string, goneAt: number): string {
    return this.rows.get(key)?.json ?? JSON.stringify({ key, version: goneAt, value: null } satisfies StateItem);
  }

  /**
   * Takes what was read of some keys; `asked` undefined = of all of them.
   * @returns the keys that changed, each with the version of its last row
   */
  take(items: readonly StateItem[], asked?: readonly string[]): Map<string, number> {
    const changed = new Map<string, number>();
    const found = new Set<string>();
    for (const item of items) {
      found.add(item.key);
      if (this.set(item)) changed.set(item.key, item.version);
    }
    for (const key of asked ?? [...this.rows.keys()]) {
      const known = this.rows.get(key);
      if (known === undefined || found.has(key)) continue;
      this.rows.delete(key);
      changed.set(key, known.version);
    }
    return changed;
  }

  clear(): void {
    this.rows.clear();
  }

  // A read that a replica answered late must not take a row back.
  private set(item: StateItem): boolean {
    const known = this.rows.get(item.key);
    if (known !== undefined && item.version < known.version) return false;
    const json = JSON.stringify(item);
    if (known?.json === json) return false;
    this.rows.set(item.key, { version: item.version, json });
    return true;
  }
}
