import type { StateItem } from '@testcast/contracts';

interface Known {
  version: number;
  /** The connection that brought it: versions are compared within one, and between two that both still deliver. */
  from: object;
  gone: boolean;
}

export interface StateChange {
  changed: StateItem[];
  /** Keys that are gone or have left the window. */
  removed: string[];
}

/** Keys whose removal is remembered, so that a late frame of a second connection does not bring them back. */
const rememberedRemovals = 1000;

/**
 * The rows of one state room: a higher version wins, a window replaces what there was. Pure.
 *
 * A window of a *new* connection wins over rows of one that is closed even at lower versions: after a fail-over the
 * versions of a run may have gone back, and a row that is only ever overtaken would stay wrong for good.
 */
export class StateRows {
  private readonly known = new Map<string, Known>();
  private readonly windows = new Map<object, Set<string>>();
  private readonly open = new Set<object>();

  /** A subscription of this connection begins; what it brings from now on belongs to its first window. */
  connected(from: object): void {
    this.open.add(from);
    this.windows.set(from, new Set());
  }

  closed(from: object): void {
    this.open.delete(from);
    this.windows.delete(from);
  }

  /** `whole` is set when a window has come to its end. */
  take(from: object, frame: { items: StateItem[]; reset?: boolean; more?: boolean }): StateChange & { whole: boolean } {
    const change: StateChange = { changed: [], removed: [] };
    if (frame.reset === true && !this.windows.has(from)) this.windows.set(from, new Set());
    const window = this.windows.get(from);
    for (const item of frame.items) {
      if (item.value !== null) window?.add(item.key);
      this.takeItem(from, item, frame.reset === true, change);
    }
    const whole = frame.reset === true && frame.more !== true;
    if (whole) this.endWindow(from, change);
    return { ...change, whole };
  }

  /** Forgets everything; returns the keys that were there. */
  clear(): string[] {
    const keys = [...this.known].filter(([, { gone }]) => !gone).map(([key]) => key);
    this.known.clear();
    this.windows.clear();
    return keys;
  }

  private takeItem(from: object, item: StateItem, inWindow: boolean, change: StateChange): void {
    const known = this.known.get(item.key);
    if (known !== undefined && item.version < known.version && !(inWindow && this.overruled(known, from))) return;
    const gone = item.value === null;
    // Removed and set again, so that the map's order is the order of the last change.
    this.known.delete(item.key);
    this.known.set(item.key, { version: item.version, from, gone });
    if (!gone) change.changed.push(item);
    else if (known !== undefined && !known.gone) change.removed.push(item.key);
  }

  private overruled(known: Known, from: object): boolean {
    return known.from !== from && !this.open.has(known.from);
  }

  private endWindow(from: object, change: StateChange): void {
    const window = this.windows.get(from) ?? new Set();
    this.windows.delete(from);
    let removals = 0;
    for (const [key, known] of [...this.known].reverse()) {
      if (window.has(key)) continue;
      if (!known.gone) {
        known.gone = true;
        change.removed.push(key);
      }
      removals += 1;
      if (removals > rememberedRemovals) this.known.delete(key);
    }
  }
}
