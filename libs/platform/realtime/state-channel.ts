import { performance } from 'node:perf_hooks';
import type { StateItem } from '@testcast/contracts';
import type { ReadPlaces } from './read-places.ts';
import type { RealtimeTuning } from './realtime-options.ts';
import type { RoomParams, StateRoom } from './room.ts';
import { stateFrame, stateFrames, stateTarget } from './state-frames.ts';
import { StateMarks } from './state-marks.ts';
import { StateRows } from './state-rows.ts';
import type { TextFrame } from './text-frame.ts';
import { WindowPace } from './window-pace.ts';

export interface StateContext {
  readonly tuning: RealtimeTuning;
  /** Shared by all state rooms. */
  readonly places: ReadPlaces;
  readonly report: (what: string, error: unknown) => void;
}

/** A subscriber, as the room sees it. */
export interface StateMember {
  /** Rows have changed; `frames` carry them for everyone who takes them now. */
  change(changed: ReadonlyMap<string, number>, frames: readonly TextFrame[]): void;
  sendWindow(): void;
}

const keysPerRead = 500;
/** Above it the window is read as a whole instead. */
const maxMarks = 10_000;
/** What a projection usually needs: a read at once would find the row as it was. */
const settleMs = 25;

/** A state room that somebody here watches: its rows as last read, and the marks of what is to be read again. */
export class StateChannel {
  readonly rows = new StateRows();
  private readonly marks: StateMarks;
  private readonly subscriptions = new Set<StateMember>();
  private emptySince: number | undefined = performance.now();
  private readonly pace: WindowPace;
  private lastReadAt = 0;
  private timer: NodeJS.Timeout | undefined;
  private timerAt = Infinity;
  /** One read at a time, so that a later answer never brings an earlier state. */
  private reading = false;
  private replaceAll = false;
  private failing = false;
  private opened = false;
  private closed = false;

  constructor(
    readonly name: string,
    private readonly room: StateRoom,
    private readonly params: RoomParams,
    private readonly context: StateContext,
  ) {
    this.marks = new StateMarks(context.tuning.stateEveryMs, context.tuning.stateRetryMaxMs);
    this.pace = new WindowPace(context.tuning.windowEveryMs);
  }

  /** Since when nobody has been here; undefined while it opens, when somebody is on the way in. */
  get restingSince(): number | undefined {
    return this.opened ? this.emptySince : undefined;
  }

  get subscribers(): number {
    return this.subscriptions.size;
  }

  /** The room must be known to the feed before: what changes during the read is marked, and read again. */
  async open(): Promise<void> {
    this.reading = true;
    this.pace.begun(performance.now());
    try {
      this.rows.take(await this.window());
      this.opened = true;
    } finally {
      this.reading = false;
    }
    this.schedule();
  }

  add(subscription: StateMember): void {
    this.emptySince = undefined;
    this.subscriptions.add(subscription);
  }

  remove(subscription: StateMember): void {
    this.subscriptions.delete(subscription);
    if (this.subscriptions.size === 0) this.emptySince ??= performance.now();
  }

  touch(): void {
    if (this.emptySince !== undefined) this.emptySince = performance.now();
  }

  mark(key: string, slot: number, position: number): void {
    if (this.marks.size >= maxMarks) {
      this.marks.clear();
      this.refresh();
    }
    this.schedule(this.marks.add(key, slot, position, performance.now()));
  }

  /** Reads the window again; `replace` when what is known holds no longer, whatever the versions say. */
  refresh(replace = false): void {
    this.pace.hurry();
    if (!replace) return;
    this.replaceAll = true;
    // Their positions are of another history, and may never come in this one.
    this.marks.clear();
  }

  /** @returns true when nobody has been here for long enough to close the room */
  tick(now: number): boolean {
    if (this.emptySince !== undefined) return now - this.emptySince >= this.context.tuning.roomLingerMs;
    if (this.pace.isDue(now) && !this.reading) void this.readWindow();
    return false;
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  /** A frame of noted keys, as many as fit, which are taken off the list. */
  nextFrame(dirty: Map<string, number>, inWindow: boolean): TextFrame {
    const items: string[] = [];
    let size = 0;
    for (const [key, version] of dirty) {
      const text = this.rows.textOf(key, version);
      if (items.length > 0 && size + text.length > stateTarget) break;
      items.push(text);
      size += text.length;
      dirty.delete(key);
    }
    const flags = inWindow ? `"reset":true,${dirty.size > 0 ? '"more":true,' : ''}` : '';
    return stateFrame(this.name, items, flags);
  }

  private schedule(dueAt = this.marks.dueAt()): void {
    if (dueAt === undefined || this.reading || this.closed) return;
    const at = Math.max(dueAt + settleMs, this.lastReadAt + this.context.tuning.stateEveryMs);
    // A row that is tried again in seconds must not hold up one that is due now.
    if (at >= this.timerAt) return;
    clearTimeout(this.timer);
    this.timerAt = at;
    this.timer = setTimeout(() => this.onTimer(), Math.max(1, at - performance.now()));
  }

  private onTimer(): void {
    this.timerAt = Infinity;
    // A read that is under way schedules the next one.
    if (!this.reading) void this.readMarked();
  }

  private async readMarked(): Promise<void> {
    const now = (this.lastReadAt = performance.now());
    const { keys, slots } = this.marks.due(now, keysPerRead);
    if (keys.length > 0) {
      await this.read('marked rows', async () => {
        try {
          const { items, checkpoints } = await this.context.places.run(() => this.room.read(this.params, keys, slots));
          this.publish(this.rows.take(items, keys));
          this.marks.settle(keys, checkpoints, performance.now());
        } catch (error) {
          this.marks.retry(keys, performance.now());
          throw error;
        }
      });
    }
    this.schedule();
  }

  private async readWindow(): Promise<void> {
    this.pace.begun(performance.now());
    const { replaceAll } = this;
    this.replaceAll = false;
    await this.read('the window', async () => {
      let items: readonly StateItem[];
      try {
        items = await this.window();
      } catch (error) {
        if (replaceAll) this.refresh(true);
        throw error;
      }
      if (replaceAll) this.rows.clear();
      const changed = this.rows.take(items);
      if (replaceAll) for (const subscription of this.subscriptions) subscription.sendWindow();
      else this.publish(changed);
    });
    this.schedule();
  }

  private window(): Promise<readonly StateItem[]> {
    return this.context.places.run(() => this.room.window(this.params));
  }

  private async read(what: string, work: () => Promise<void>): Promise<void> {
    this.reading = true;
    try {
      await work();
      this.failing = false;
    } catch (error) {
      // Once, not at every try of an outage.
      if (!this.failing) this.context.report(`reading ${what} of ${this.name}`, error);
      this.failing = true;
    } finally {
      this.reading = false;
    }
  }

  private publish(changed: ReadonlyMap<string, number>): void {
    if (changed.size === 0) return;
    const texts = [...changed].map(([key, version]) => this.rows.textOf(key, version));
    const frames = stateFrames(this.name, texts);
    for (const subscription of this.subscriptions) subscription.change(changed, frames);
  }
}
