import type { Role, StateItem } from '@testcast/contracts';
import type { RecordedEvent } from '#platform/event-store';

export type RoomParams = Readonly<Record<string, string>>;

/** The event that ends a room for good. */
export interface RoomEnd {
  /** The stream that says so. */
  readonly stream: string;
  /** Type of its last event, a lifecycle event. */
  readonly type: string;
}

interface RoomDeclaration {
  /**
   * `run:{projectId}/{runId}`: the fixed prefix up to the colon is unique; each parameter is a run of non-slash characters.
   * Without a colon there is one room of it.
   */
  readonly pattern: string;
  /** The project whose grants are checked, also for something that does not exist yet. */
  readonly projectOf: (params: RoomParams) => string;
  /** What a subscriber must hold; default `read`. */
  readonly role?: Role;
  /** Checks of the parameters beyond the pattern (an id's alphabet); false = `room.unknown`. */
  readonly accepts?: (params: RoomParams) => boolean;
  /** By what the room's data is erased: nobody gets in any more (`room.gone`), and those inside a stream room are told. */
  readonly endedBy?: (params: RoomParams) => RoomEnd;
}

/** Every event of one stream, in order, recoverable by offset. The room's name is the stream's name. */
export interface StreamRoom extends RoomDeclaration {
  readonly kind: 'stream';
  /**
   * The version that the newest snapshot of the stream reflects, if there is one: asked only for a gap that is over the
   * limit, to say `room.unrecoverable` with `details.asOf`.
   */
  readonly snapshotVersion?: (params: RoomParams) => Promise<number | undefined>;
}

/** Which row of which room an event changes. */
export interface StateMark {
  readonly room: string;
  readonly key: string;
}

/** Rows together with how far the projection had read, from one statement. */
export interface StateRead {
  /** Rows of the keys asked for; one that is missing is out of the window or gone. */
  readonly items: readonly StateItem[];
  /** slot → position up to which the rows reflect that slot. */
  readonly checkpoints: ReadonlyMap<number, number>;
}

/** Rows of a read model, conflated to the latest per key, recovered by a fresh snapshot. */
export interface StateRoom extends RoomDeclaration {
  readonly kind: 'state';
  /** The whole window, as a new subscriber gets it. */
  readonly window: (params: RoomParams) => Promise<readonly StateItem[]>;
  readonly read: (params: RoomParams, keys: readonly string[], slots: readonly number[]) => Promise<StateRead>;
  /** Called for every event of the log: must be quick, and answers undefined for events that are not its own. */
  readonly markOf: (event: RecordedEvent) => StateMark | undefined;
}

export type Room = StreamRoom | StateRoom;

/** Declares a room; a class of the module adds it to the RoomRegistry at its start. */
export function defineRoom<R extends Room>(room: R): R {
  return room;
}
