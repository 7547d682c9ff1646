import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { type Caller, DomainError } from '#platform/kernel';
import type { Connection, OnGone } from '../connection.ts';
import { TextFrame } from '../text-frame.ts';
import type { MigrationTarget, MovedConnection, MovedRoom } from './moved-connection.ts';
import type { MovedConnections } from './moved-connections.ts';

/** A token is 43 characters of base64url; what is longer was not made here. */
const maxTokenLength = 64;

export interface MoveOptions {
  /** Called once for each that was asked. */
  readonly onGone?: OnGone | undefined;
  /** What clients are told, by a server that goes before the grace ends. */
  readonly deadlineMs?: number | undefined;
}

/**
 * Moves connections to other servers, make before break: the client opens the other one, finds its rooms restored there, and
 * leaves here when it has what it needs. What is stored is a hint: the offsets that the client itself has win.
 */
export class Migration {
  /** Rooms of those who were admitted by a token, until they are greeted. */
  private readonly arriving = new WeakMap<Caller, readonly MovedRoom[]>();

  constructor(
    private readonly store: MovedConnections,
    /** This start of this server, where it has a URL of its own. */
    private readonly startId: string | undefined,
    private readonly now: () => number,
    /** How long a client may take to come to the other server; the old connection stays open meanwhile. */
    private readonly graceMs: number,
  ) {}

  /**
   * Asks connections to move. Those that have gone meanwhile, or are on their way already, are left out.
   *
   * @returns how many were asked. Rejects when what they are to find there cannot be kept; nobody was asked then.
   */
  async move(
    connections: readonly Connection[],
    target: MigrationTarget,
    reason: string,
    { onGone, deadlineMs = this.graceMs }: MoveOptions = {},
  ): Promise<number> {
    const server = target.shared ? undefined : target.startId;
    const entries = connections
      .filter(({ isOpen, isMoving }) => isOpen && !isMoving)
      .map((connection) => ({
        connection,
        token: randomBytes(32).toString('base64url'),
        moved: { caller: connection.caller, rooms: connection.movedRooms(), server } satisfies MovedConnection,
      }));
    if (entries.length === 0) return 0;
    for (const { connection } of entries) connection.chooseToMove(true);
    try {
      await this.store.put(entries, this.graceMs);
    } catch (error) {
      for (const { connection } of entries) connection.chooseToMove(false);
      throw error;
    }
    const until = performance.now() + this.graceMs;
    for (const { connection, token } of entries) {
      const { serverId: targetServer, url } = target;
      const push = { type: 'migrate', targetServer, url, token, reason, deadlineMs };
      connection.migrate(TextFrame.ofJson(push), until, onGone);
    }
    return entries.length;
  }

  /** Who comes with a token. Throws `auth.invalid` (unknown, used, late, for another server) or `auth.expired`. */
  async callerOf(token: string): Promise<Caller> {
    const moved = token.length > maxTokenLength ? undefined : await this.store.take(token);
    if (moved === undefined || (moved.server !== undefined && moved.server !== this.startId)) {
      throw new DomainError('auth.invalid', 'The migration token is not valid, or has been used.');
    }
    // A copy: others may hold the same one, and the rooms are this connection's alone.
    const caller = { ...moved.caller };
    if (caller.expiresAt !== undefined && caller.expiresAt <= this.now()) throw new DomainError('auth.expired');
    this.arriving.set(caller, moved.rooms);
    return caller;
  }

  /** Once, the rooms of somebody who has just come; undefined for who was not moved here. */
  takeRooms(caller: Caller): readonly MovedRoom[] | undefined {
    const rooms = this.arriving.get(caller);
    this.arriving.delete(caller);
    return rooms;
  }
}
