import { DomainError } from '#platform/kernel';
import { prefixOfRoom } from './compressed-rooms.ts';
import type { Room, RoomParams, StateRoom } from './room.ts';

export interface ResolvedRoom {
  readonly name: string;
  readonly room: Room;
  readonly params: RoomParams;
}

interface Entry {
  readonly room: Room;
  readonly matcher: RegExp;
}

/** The rooms that modules have declared. */
export class RoomRegistry {
  private readonly entries = new Map<string, Entry>();

  /** Throws at start when a second room claims the prefix. */
  add(room: Room): void {
    const prefix = prefixOfRoom(room.pattern);
    if (this.entries.has(prefix)) throw new Error(`two rooms are declared for "${prefix}:"`);
    this.entries.set(prefix, { room, matcher: matcherOf(room.pattern) });
  }

  /** Throws `room.unknown`. */
  resolve(name: string): ResolvedRoom {
    const entry = this.entries.get(prefixOfRoom(name));
    const match = entry?.matcher.exec(name);
    const params = match?.groups ?? {};
    if (entry === undefined || !match || entry.room.accepts?.(params) === false) {
      throw new DomainError('room.unknown', `There is no room ${JSON.stringify(name.slice(0, 100))}.`);
    }
    return { name, room: entry.room, params };
  }

  /** Throws at start when no room has the prefix: a name that is mistyped would go unnoticed. */
  requirePrefixes(prefixes: readonly string[]): void {
    const unknown = prefixes.filter((prefix) => !this.entries.has(prefix));
    if (unknown.length === 0) return;
    const known = [...this.entries.keys()].toSorted().join(', ');
    throw new Error(`there are no rooms ${unknown.join(', ')} to compress; there are ${known}`);
  }

  /** All rooms that are declared. */
  get rooms(): Room[] {
    return [...this.entries.values()].map(({ room }) => room);
  }

  stateRooms(): StateRoom[] {
    return this.rooms.filter((room) => room.kind === 'state');
  }
}

function matcherOf(pattern: string): RegExp {
  const source = pattern
    .split(/(\{\w+\})/)
    .map((part) =>
      /^\{\w+\}$/.test(part) ? `(?<${part.slice(1, -1)}>[^/]+)` : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('');
  return new RegExp(`^${source}$`);
}
