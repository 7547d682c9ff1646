import type { Caller } from '#platform/kernel';
import type { Subscription } from './subscription.ts';
import type { TextFrame } from './text-frame.ts';

/** A connection, as messages and rooms see it. */
export interface ConnectedClient {
  readonly id: string;
  readonly caller: Caller;
  readonly subscriptions: Map<string, Subscription>;
  /** Whether a frame would go straight to the socket. */
  readonly writable: boolean;
  send(frame: TextFrame): void;
  /** `farewell` is sent to whoever is in the room, after the reply that let it in. */
  leaveRoom(room: string, farewell?: TextFrame): void;
  /** Takes over new credentials; rooms that they do not cover are left, and say so. */
  renew(caller: Caller): void;
  /** One of its messages has its reply. */
  settled(): void;
  report(what: string, error: unknown): void;
}
