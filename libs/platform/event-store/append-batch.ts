import { DomainError } from '#platform/kernel';
import type { Announcer } from './announcer.ts';
import { appended, appendEvents, type AppendedRow, clash, conflict, duplicate, refused } from './append-events.sql.ts';
import type { Batch } from './append-lane.ts';
import type { PendingAppend } from './append-queue.ts';
import type { EncodedAppend, EncodedEvent } from './encoded-append.ts';
import type { EventOutcome } from './event-store.ts';
import type { PooledConnection } from './pooled-connection.ts';
import { eventsAt, recordedEventOf, type RecordedRow } from './read-events.sql.ts';
import type { RecordedEvent } from './recorded-event.ts';

/** Appends that are committed by one statement. */
export class AppendBatch implements Batch {
  constructor(
    private readonly pending: readonly PendingAppend[],
    private readonly connection: PooledConnection,
    private readonly announcer: Announcer,
  ) {}

  /**
   * Appends, announces what was committed, then answers every append. When it throws, nothing was answered, and what was
   * stored is found again by the next attempt.
   */
  async attempt(timeout: number): Promise<void> {
    const query = appendEvents(this.pending.map(({ append }) => append));
    const rows = await this.connection.query<AppendedRow>(query, timeout);
    const missed = await this.missedEvents(rows, timeout);
    const committed = [...missed, ...this.appendedEvents(rows)];
    // Only with missed events can a slot's order be other than the batch's.
    if (missed.length > 0) committed.sort((a, b) => a.slot - b.slot || a.position - b.position);
    this.announcer.announce(committed);
    this.announcer.settle(this.slots());
    this.answer(rows);
  }

  /** After a failure: it is not known whether the batch was stored, nor what the connection still does. */
  async abandonConnection(): Promise<void> {
    this.announcer.doubt(this.slots());
    await this.connection.discard();
  }

  private *slots(): Iterable<number> {
    for (const { append } of this.pending) yield append.slot;
  }

  private *events(): Iterable<{ append: EncodedAppend; event: EncodedEvent }> {
    for (const { append } of this.pending) for (const event of append.events) yield { append, event };
  }

  private appendedEvents(rows: readonly AppendedRow[]): RecordedEvent[] {
    const recorded: RecordedEvent[] = [];
    let index = 0;
    for (const { append, event } of this.events()) {
      const [status, version, place, recordedAt] = rows[index++]!;
      if (status !== appended) continue;
      recorded.push({
        slot: append.slot,
        position: Number(place),
        stream: append.stream,
        version: Number(version),
        eventId: event.eventId,
        type: event.type,
        at: event.at,
        recordedAt: Number(recordedAt),
        dataJson: event.dataJson,
      });
    }
    return recorded;
  }

  /** Events that an attempt whose answer was lost had stored, read back: what was stored first is what counts. */
  private async missedEvents(rows: readonly AppendedRow[], timeout: number): Promise<RecordedEvent[]> {
    const positions = new Map<string, { slot: number; position: number }>();
    let index = 0;
    for (const { append } of this.events()) {
      const [status, , place] = rows[index++]!;
      const position = Number(place);
      if (status === duplicate && this.announcer.mayHaveMissed(append.slot, position)) {
        positions.set(`${append.slot}/${position}`, { slot: append.slot, position });
      }
    }
    if (positions.size === 0) return [];
    const found = await this.connection.query<RecordedRow>(eventsAt([...positions.values()]), timeout);
    return found.map(recordedEventOf);
  }

  private answer(rows: readonly AppendedRow[]): void {
    let index = 0;
    for (const { append, resolve, reject } of this.pending) {
      const own = rows.slice(index, (index += append.events.length));
      if (own.some(([status]) => status === refused)) reject(partlyKnown(append.stream));
      else resolve(own.map(outcomeOf));
    }
  }
}

function outcomeOf([status, version, place]: AppendedRow): EventOutcome {
  if (status === conflict) return { status: 'conflict', version: Number(version), guard: Number(place) };
  const word = status === appended ? 'appended' : status === clash ? 'clash' : 'duplicate';
  return { status: word, version: Number(version), position: Number(place) };
}

/** A fault of the caller: it decided on the stream's present state, and yet raised an event that the stream has. */
export function partlyKnown(stream: string): DomainError {
  return new DomainError('internal', `Of a checked append to ${stream} some ids are known and some are not.`);
}
