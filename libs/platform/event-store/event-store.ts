import type { DetailedEvent, NewEvent, RecordedEvent } from './recorded-event.ts';

export const slotCount = 256;

/** What the stream must be like for an append to be taken. Unchecked appends commute and never conflict. */
export type Expected =
  /** The version of the stream's last event; 0 = no stream yet. */
  | { readonly version: number }
  /** The version of the stream's last lifecycle event; results do not move it. */
  | { readonly guard: number };

export interface Append {
  readonly stream: string;
  /** With it the append is all or nothing; without it every event stands for itself. */
  readonly expected?: Expected | undefined;
  readonly events: readonly NewEvent[];
}

/**
 * What became of one event. `appended` and `duplicate` carry the event's own version and position; `clash` (same id,
 * other content) those of the event that was first; `conflict` the stream's present version and guard, and so does `gone`:
 * the stream has been closed for good, and takes nothing any more.
 */
export type EventOutcome =
  | { readonly status: 'appended' | 'duplicate' | 'clash'; readonly version: number; readonly position: number }
  | { readonly status: 'conflict' | 'gone'; readonly version: number; readonly guard: number };

export interface StreamHead {
  readonly stream: string;
  readonly slot: number;
  readonly version: number;
  readonly guard: number;
}

export interface StreamPage extends StreamHead {
  readonly epoch: string;
  /** Consecutive versions from `afterVersion + 1`. */
  readonly events: readonly RecordedEvent[];
}

export interface ReadBounds {
  /** At most this many events (default 1,000). */
  readonly limit?: number;
  /** Stops after the event that passes this many bytes of data (default 256 KiB). */
  readonly maxBytes?: number;
}

export interface ReadOptions extends ReadBounds {
  /**
   * How fresh a read of a stream must be, as a version that the stream is known to have reached: a replica that has it may
   * answer. Without it the primary does, and the answer is the newest there is.
   */
  readonly minVersion?: number | undefined;
}

/** Bounds of a read of many slots are those of all that it brings together. */
export interface SlotsReadOptions extends ReadBounds {
  /** How fresh it must be, as positions by slot that the log is known to have reached. Without, the primary answers. */
  readonly minPositions?: readonly number[] | undefined;
}

/** Heads of the log. `positions[slot]` is the position of the slot's last event. */
export interface Heads {
  readonly epoch: string;
  readonly positions: readonly number[];
}

/** An epoch of the log's history: `heads[slot]` is where it forked from the one before. */
export interface Epoch {
  readonly epoch: string;
  readonly heads: readonly number[];
}

/**
 * The log. Every method may throw DomainError `store.unavailable` (temporary). An append that was answered is durable;
 * one that failed may or may not have been stored, and repeating it is safe because its ids make it a duplicate.
 */
export abstract class EventStore {
  /** Outcomes at the index of their event. A checked append answers `conflict` for all of its events or for none. */
  abstract append(append: Append): Promise<EventOutcome[]>;

  /** Events of one stream after a version, in order, with the stream's head and the log's epoch of the same moment. */
  abstract readStream(stream: string, afterVersion: number, options?: ReadOptions): Promise<StreamPage>;

  /** Lifecycle events of a stream, all of them, found by a partial index and not by reading the stream. */
  abstract readLifecycle(stream: string): Promise<StreamPage>;

  /** Single events of a stream with their details; versions that do not exist are left out. */
  abstract readDetails(stream: string, versions: readonly number[]): Promise<DetailedEvent[]>;

  /** Events of one slot after a position, in order. */
  abstract readSlot(slot: number, afterPosition: number, options?: ReadBounds): Promise<RecordedEvent[]>;

  /**
   * What is new of many slots, after a position of each, in one read of one moment: in order within each slot. Where not all
   * of it fits into the bounds, they are shared out to the slots that have something new, so that one that is far behind
   * holds up none of the others; whose turn is the same come as they are asked for. At least one event comes as long as there is any.
   *
   * @param after position by slot
   */
  abstract readSlots(after: ReadonlyMap<number, number>, options?: SlotsReadOptions): Promise<RecordedEvent[]>;

  abstract heads(): Promise<Heads>;

  /** The log's epochs, oldest first. */
  abstract epochs(): Promise<Epoch[]>;

  /**
   * Calls back with what this process has just committed, in order within a slot, before the append resolves.
   * The callback must not throw or block. Returns the way to stop.
   */
  abstract onCommitted(listener: (events: readonly RecordedEvent[]) => void): () => void;

  /**
   * Calls back when the log may have another history than what was read or appended before (a fail-over, a restore): what
   * was learnt from it may not be so any more. An append that is the first to meet it calls back before it resolves.
   * Returns the way to stop.
   */
  abstract onOtherHistory(listener: () => void): () => void;
}

/** The slot that a stream belongs to for ever: sha256 of its name, mod 256 (the digest's last byte). */
export { slotOf } from './slot.ts';
