import type { Role } from '@testcast/contracts';
import type { MovedRoom } from './migration/moved-connection.ts';
import type { TextFrame } from './text-frame.ts';

/** A connection's place in a room. */
export interface Subscription {
  readonly room: string;
  /** What was checked, to be checked again when the caller changes. */
  readonly project: string;
  readonly role: Role;
  /** Events follow from now on: the reply to the subscribe is written. */
  start(): void;
  /** The connection can take frames again. */
  resume(): void;
  /** Where another server can take it up; undefined for a place that is only held. */
  moved(): MovedRoom | undefined;
  /** `farewell` tells the client that it is out, once it knows that it was in. */
  stop(farewell?: TextFrame): void;
}

/** Holds a place while the room is being opened: whoever unsubscribes or subscribes again meanwhile takes it away. */
export function placeHeld(room: string, project: string, role: Role): Subscription {
  return { room, project, role, start: nothing, resume: nothing, moved: nothing, stop: nothing };
}

function nothing(): undefined {}
