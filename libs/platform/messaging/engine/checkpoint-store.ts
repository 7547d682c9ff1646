import type { RecordedEvent } from '#platform/event-store';
import type { Build } from './build.ts';

/** One slot's checkpoint from where it must be to where it goes. */
export interface Move {
  readonly slot: number;
  readonly from: number;
  readonly to: number;
}

/** What is kept of a projection is kept for one version of its rows: of its tables, where it has such. */
export interface ProjectionId {
  readonly name: string;
  readonly version: number;
  /** Its checkpoints were made with its tables, and are gone when these are. */
  readonly hasTables?: boolean | undefined;
  /** The epoch of the log that its events were read in; undefined = nobody knows, and it is not compared. */
  readonly epoch?: string | undefined;
}

/** A stream that a projection has set aside, with everything that came after the event it could not apply. */
export interface ParkedStream {
  readonly stream: string;
  readonly slot: number;
  readonly firstVersion: number;
  readonly firstPosition: number;
  /** The version of the last event that was set aside. */
  readonly lastVersion: number;
  readonly events: number;
  readonly error: string;
  /** Epoch milliseconds. */
  readonly parkedAt: number;
}

/**
 * Checkpoints and parked streams, in the same database as the rows. Methods that change something throw
 * `CheckpointMoved` when a checkpoint is not where it should be, `BuildRetired` when there is none any more, `TransientFailure` when the reason lies outside the
 * events, and anything else when the events are the reason. After a throw nothing has changed, except that a
 * `TransientFailure` may hide a commit whose answer was lost: trying again then throws `CheckpointMoved`.
 *
 * What was committed may be gone after a crash of the database, checkpoints and rows alike: `read` tells.
 */
export abstract class CheckpointStore {
  /** `positions[slot]`; a projection that is new starts at 0. Throws `BuildRetired`. */
  abstract load(projection: ProjectionId): Promise<number[]>;

  /** As `load`, of a projection that is no longer new. */
  abstract read(projection: ProjectionId): Promise<number[]>;

  /**
   * Moves checkpoints and applies the events between, in one transaction that holds the checkpoints from its start.
   * `events` are those of types that the projection handles; events of parked streams among them are set aside.
   */
  abstract advance(build: Build, moves: readonly Move[], events: readonly RecordedEvent[]): Promise<void>;

  /**
   * Moves checkpoints past an event that cannot be applied, and parks its stream; one that was discarded before, in
   * another build, is left out for good. Resolves to whether it was parked.
   */
  abstract park(
    projection: ProjectionId,
    moves: readonly Move[],
    event: RecordedEvent,
    error: unknown,
  ): Promise<boolean>;

  /** The longest parked first. */
  abstract parkedStreams(projection: ProjectionId): Promise<ParkedStream[]>;

  /**
   * Applies what was set aside of a stream, in one transaction that holds its slot until it has caught up, and un-parks
   * it. When an event fails again, what came before it is kept, and the stream stays parked at that one. `discard` leaves
   * the first event out for good, and records that.
   */
  abstract replay(build: Build, stream: string, options?: ReplayOptions): Promise<Replay>;
}

export interface ReplayOptions {
  readonly discard?: boolean | undefined;
  /**
   * The version at which the stream was parked when this was ordered in its row. Two processes may read one order: once
   * the first has carried it out, the stream is parked at another event, of which nobody ordered anything.
   */
  readonly ordered?: number | undefined;
}

/** What became of a parked stream. */
export interface Replay {
  readonly applied: number;
  /** Nothing was done: the stream is not parked, or what was ordered of it has been done by another process. */
  readonly left?: true | undefined;
  /** Where it is parked now, when it is. */
  readonly failure?: { readonly event: RecordedEvent; readonly error: unknown } | undefined;
}

/** The tables that these checkpoints belong to are read by nobody any more, and may be gone. */
export class BuildRetired extends Error {
  override readonly name = 'BuildRetired';

  constructor() {
    super('another build of the projection has taken the place of this one');
  }
}

/** Another process has moved checkpoints: `positions` says where they are. */
export class CheckpointMoved extends Error {
  override readonly name = 'CheckpointMoved';

  constructor(readonly positions: ReadonlyMap<number, number>) {
    super('another process has moved the checkpoints');
  }
}

/** Trying the same again may succeed: connection lost, deadlock, out of resources, lock not available, shutting down. */
export class TransientFailure extends Error {
  override readonly name = 'TransientFailure';

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** What was read is not of the history that the log has now: its events may not be in it, and others at their positions. */
export class OtherEpoch extends TransientFailure {
  constructor() {
    super(new Error('the log goes on in another epoch than that of the events'));
  }
}
