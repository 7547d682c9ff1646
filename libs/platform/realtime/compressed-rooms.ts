/** The rooms whose messages are compressed for clients that ask for it: by the prefix of their names, or all of them. */
export type CompressedRooms = 'all' | readonly string[];

/** All of a name that has no colon: there is one room of it. */
export function prefixOfRoom(room: string): string {
  return room.split(':', 1)[0]!;
}
