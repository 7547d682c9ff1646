import type { Caller } from '#platform/kernel';

/** A place in a room, as far as the server that is left knows it. */
export interface MovedRoom {
  readonly room: string;
  /** Of a stream room: what was sent up to here, of which epoch. */
  readonly offset?: number | undefined;
  readonly epoch?: string | undefined;
}

/** What the next server is told of a connection that comes to it. */
export interface MovedConnection {
  /** With the grants and the expiry that it was admitted with, or has been renewed to. */
  readonly caller: Caller;
  readonly rooms: readonly MovedRoom[];
  /** The one start of the one server that may take it; absent: any server may. */
  readonly server?: string | undefined;
}

/** Where a connection is to go. */
export interface MigrationTarget {
  readonly serverId: string;
  readonly startId: string;
  /** Whether it stands behind one URL with others: then any of them may take whoever comes. */
  readonly shared: boolean;
  /** Where clients reach it. */
  readonly url: string;
}
