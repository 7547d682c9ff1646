import { performance } from 'node:perf_hooks';
import type { RecordedEvent } from '#platform/event-store';
import { eventFrames } from './event-frames.ts';
import type { StreamMember } from './stream-member.ts';

/** The clock is looked at once for this many sockets: about half a millisecond of writing. */
const socketsALook = 50;

/**
 * One writing of a room: its new events to those who were live when it began, then a word to those who catch up, since
 * the room has moved. It can be put off after any socket: who joins meanwhile has the events already, and who has left is
 * passed over.
 */
export class RoomWrite {
  private readonly frames;
  private readonly members: readonly StreamMember[];
  private readonly others: readonly StreamMember[];
  /** Nearly always nobody: to look each of ten thousand up among the live ones costs more than what else is done here. */
  private readonly left = new Set<StreamMember>();
  private next = 0;

  constructor(
    room: string,
    readonly events: readonly RecordedEvent[],
    live: ReadonlySet<StreamMember>,
    catching: ReadonlySet<StreamMember>,
  ) {
    this.members = [...live];
    this.others = [...catching];
    this.frames = this.members.length === 0 ? [] : eventFrames(room, events);
  }

  get subscribers(): number {
    return this.members.length;
  }

  /** It is not written to any more. */
  leave(member: StreamMember): void {
    this.left.add(member);
  }

  /** Goes on until all have been served, or until the time is up. @returns whether all have been */
  run(until: number): boolean {
    const count = this.members.length + this.others.length;
    while (this.next < count) {
      const stop = Math.min(this.next + socketsALook, count);
      while (this.next < stop) this.serve(this.next++);
      if (performance.now() >= until) break;
    }
    return this.next === count;
  }

  private serve(index: number): void {
    const member = this.members[index];
    if (member === undefined) this.others[index - this.members.length]!.resume();
    else if (this.left.size === 0 || !this.left.has(member))
      for (const { frame } of this.frames) member.connection.send(frame);
  }
}
