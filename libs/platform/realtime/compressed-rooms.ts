/** The rooms whose messages are compressed for clients that ask for it: by the prefix of their names, or all of them. */
export type CompressedRooms = 'all' | readonly string[];

export function prefixOfRoom(room: string): string {
  return room.slice(0, room.indexOf(':'));
}
