import type { RecordedEvent } from '#platform/event-store';
import type { ProjectionHandler } from './projection-handler.ts';

/** One slot's checkpoint from where it must be to where it goes. */
export interface Move {
  readonly slot: number;
  readonly from: number;
  readonly to: number;
}

/** What is kept of a projection is kept for one version of its rows. */
export type ProjectionId = Pick<ProjectionHandler, 'name' | 'version'>;

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
 * `CheckpointMoved` when a checkpoint is not where it should be, `TransientFailure` when the reason lies outside the
 * events, and anything else when the events are the reason. After a throw nothing has changed, except that a
 * `TransientFailure` may hide a commit whose answer was lost: trying again then throws `CheckpointMoved`.
 */
export abstract class CheckpointStore {
  /** `positions[slot]`; a projection that is new starts at 0. */
  abstract load(projection: ProjectionId): Promise<number[]>;

  /**
   * Moves checkpoints and applies the events between, in one transaction that holds the checkpoints from its start.
   * `events` are those of types that the projection handles; events of parked streams among them are set aside.
   */
  abstract advance(
    projection: ProjectionHandler,
    moves: readonly Move[],
    events: readonly RecordedEvent[],
  ): Promise<void>;

  /** Moves checkpoints past an event that cannot be applied, and parks its stream. */
  abstract park(projection: ProjectionId, moves: readonly Move[], event: RecordedEvent, error: unknown): Promise<void>;

  /** The longest parked first. */
  abstract parkedStreams(projection: ProjectionId): Promise<ParkedStream[]>;

  /**
   * Applies everything that was set aside of a stream and un-parks it, in one transaction that holds its slot until it
   * has caught up. Resolves to the number of events applied, 0 when the stream is not parked; when an event fails again,
   * nothing has changed and the error is the handler's.
   */
  abstract replay(projection: ProjectionHandler, stream: string): Promise<number>;
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
