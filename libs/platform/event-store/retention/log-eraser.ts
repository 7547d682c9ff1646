import type { DataSource } from 'typeorm';
import { slotCount } from '../event-store.ts';
import { slotOf } from '../slot.ts';
import { OperatorSession } from '../partitions/operator-session.ts';
import { patiently } from '../partitions/patiently.ts';
import {
  closeStreams,
  eraseEvents,
  familyStreams,
  findBehind,
  findData,
  forbidStreams,
  lockSlot,
  openStreams,
  placeOfStream,
  readStreamHead,
} from './erase-streams.sql.ts';
import { type ClosedStream, endOf, type StreamFamily } from './stream-family.ts';

/** Events of one transaction: locks of rows that nobody appends to, but its log is written to the disk that all share. */
const chunkEvents = 500;

interface OpenRow {
  readonly slot: number;
  /** bigint, as text */
  readonly streams: string[];
}

/**
 * Takes the data out of streams and leaves their keys. What it does may be done again after a crash at any point, and by
 * several processes at once. Methods throw the server's errors as they are.
 */
export class LogEraser {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Closes the family for good: its streams take no more events (`gone`), and no new one begins. When it answers true,
   * every append that was answered `appended` is in the log, and nothing moves any more.
   *
   * @param version of `family.stream`, as the caller decided upon it
   * @returns false when something has come since: nothing was closed then
   */
  close(family: StreamFamily, version: number): Promise<boolean> {
    return OperatorSession.hold(this.dataSource, async (session) => {
      let isOurs = true;
      await this.inSlot(session, slotOf(family.stream), async () => {
        const [head] = await session.query<{ stream_no: string; version: string; closed: boolean }>(readStreamHead, [
          family.stream,
        ]);
        isOurs = head !== undefined && (head.closed || Number(head.version) === version);
        if (!isOurs || head === undefined) return;
        await session.query(forbidStreams, [[family.stream, family.prefix]]);
        await session.query(closeStreams, [[head.stream_no]]);
      });
      if (isOurs) await this.closeAll(session, family);
      return isOurs;
    });
  }

  /** The streams of a family that has been closed, by name. */
  streams({ stream, prefix }: StreamFamily): Promise<ClosedStream[]> {
    return this.dataSource.query<ClosedStream[]>(familyStreams, [stream, prefix, endOf(prefix)]);
  }

  /**
   * Projections that have not yet read everything of these streams, those included that have set one aside: erased now,
   * they would never count it.
   */
  async behind(streams: readonly ClosedStream[]): Promise<string[]> {
    const rows = await this.dataSource.query<{ reader: string }[]>(findBehind, [streams.map(({ stream }) => stream)]);
    return rows.map(({ reader }) => reader);
  }

  /**
   * Erases data and detail of a closed stream's events below a version.
   *
   * @param onChunk called before each small transaction; what it throws ends the work
   */
  async erase(stream: string, below: number, onChunk?: () => Promise<void>): Promise<void> {
    for (;;) {
      // A split may take rows away while they are looked for: none is left when this finds none.
      const [first] = await this.dataSource.query<{ version: number | null }[]>(findData, [stream, below]);
      if (first === undefined || first.version === null) return;
      for (let from = first.version; from < below; from += chunkEvents) {
        await onChunk?.();
        await this.eraseChunk(stream, from, Math.min(from + chunkEvents, below));
      }
    }
  }

  private async eraseChunk(stream: string, from: number, to: number): Promise<void> {
    const [place] = await this.dataSource.query<{ stream_no: string; partitions: number[] }[]>(placeOfStream, [stream]);
    for (const partition of place!.partitions) {
      await this.dataSource.query(eraseEvents(partition), [place!.stream_no, from, to]);
    }
  }

  /**
   * An append that did not see the prohibition when it looked holds its slot's lock still: once each lock has been had,
   * there is none left. What such appends began is found by the second look, and no other can begin.
   */
  private async closeAll(session: OperatorSession, { stream, prefix }: StreamFamily): Promise<void> {
    const values = [stream, prefix, endOf(prefix)];
    const known = new Map((await session.query<OpenRow>(openStreams, values)).map((row) => [row.slot, row.streams]));
    for (let slot = 0; slot < slotCount; slot++) await this.closeIn(session, slot, known.get(slot) ?? []);
    for (const { slot, streams } of await session.query<OpenRow>(openStreams, values)) {
      await this.closeIn(session, slot, streams);
    }
  }

  private closeIn(session: OperatorSession, slot: number, streams: readonly string[]): Promise<void> {
    return this.inSlot(session, slot, async () => {
      // Whatever is said of the closing is said by a commit that waits for the disk, and it comes after this one.
      await session.run('set local synchronous_commit = off');
      if (streams.length > 0) await session.query(closeStreams, [streams]);
    });
  }

  private inSlot(session: OperatorSession, slot: number, work: () => Promise<void>): Promise<void> {
    return patiently(() =>
      session.transaction(async () => {
        // Appends queue behind whatever waits for a slot: rather give way and come again.
        await session.run(`set local lock_timeout = '150ms'`);
        await session.query(lockSlot, [slot]);
        await work();
      }),
    );
  }
}
