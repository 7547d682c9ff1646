import { type RecordedEvent, slotCount, slotOf } from '#platform/event-store';
import type { RoomEnd } from './room.ts';

/** The rooms that somebody here is in, by the streams whose events would end them. Pure. */
export class RoomEndings {
  private readonly byStream = new Map<string, Map<string, RoomEnd>>();
  private readonly roomsOfSlot = new Uint32Array(slotCount);

  add(room: string, end: RoomEnd): void {
    const rooms = this.byStream.get(end.stream);
    if (rooms?.has(room) === true) return;
    if (rooms === undefined) this.byStream.set(end.stream, new Map([[room, end]]));
    else rooms.set(room, end);
    this.roomsOfSlot[slotOf(end.stream)]! += 1;
  }

  remove(room: string, { stream }: RoomEnd): void {
    const rooms = this.byStream.get(stream);
    if (rooms?.delete(room) !== true) return;
    this.roomsOfSlot[slotOf(stream)]! -= 1;
    if (rooms.size === 0) this.byStream.delete(stream);
  }

  /** Rooms that this event ends. Called for every event of the log. */
  endedBy({ stream, type }: RecordedEvent): string[] {
    const rooms = this.byStream.get(stream);
    if (rooms === undefined) return [];
    return [...rooms].filter(([, end]) => end.type === type).map(([room]) => room);
  }

  /** Whether an event of the slot may end a room here. */
  concerns(slot: number): boolean {
    return this.roomsOfSlot[slot]! > 0;
  }

  /** Rooms that events of the slot may have ended. */
  inSlot(slot: number): [room: string, end: RoomEnd][] {
    if (!this.concerns(slot)) return [];
    return [...this.byStream].filter(([stream]) => slotOf(stream) === slot).flatMap(([, rooms]) => [...rooms]);
  }
}
