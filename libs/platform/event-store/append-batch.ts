import { DomainError } from '#platform/kernel';
import type { AnsweredAppend, AppendTracing } from '#platform/observability';
import type { Announcer } from './announcer.ts';
import {
  type AppendAnswer,
  appended,
  type Appended,
  appendedOf,
  appendEvents,
  clash,
  conflict,
  duplicate,
  gone,
  refused,
} from './append-events.sql.ts';
import type { Batch } from './append-lane.ts';
import type { PendingAppend } from './append-queue.ts';
import { BatchLayout } from './batch-layout.ts';
import type { EventOutcome } from './event-store.ts';
import type { History } from './history.ts';
import type { PooledConnection } from './pooled-connection.ts';
import { eventsAt, recordedEventOf, type RecordedRow } from './read-events.sql.ts';
import type { RecordedEvent } from './recorded-event.ts';

/** Whether a lane's next batch is likely to have repeats, since the one before it had some, or may have been stored. */
export interface RepeatsLikely {
  repeatsLikely: boolean;
}

/** Appends that are committed by one statement. */
export class AppendBatch implements Batch {
  private readonly layout: BatchLayout;

  constructor(
    private readonly pending: readonly PendingAppend[],
    private readonly connection: PooledConnection,
    private readonly announcer: Announcer,
    private readonly history: History,
    private readonly lane: RepeatsLikely,
    private readonly tracing?: AppendTracing | undefined,
  ) {
    this.layout = new BatchLayout(pending.map(({ append }) => append));
  }

  /**
   * Appends, announces what was committed, then answers every append. When it throws, nothing was answered, and what was
   * stored is found again by the next attempt.
   */
  async attempt(timeout: number): Promise<void> {
    const began = this.tracing === undefined ? 0 : performance.now();
    const query = appendEvents(this.layout, this.lane.repeatsLikely);
    const [row] = await this.connection.query<AppendAnswer>(query, timeout);
    this.history.note(row![4]);
    const result = appendedOf(this.layout, row!);
    const missed = await this.missedEvents(result, timeout);
    this.lane.repeatsLikely = result.statuses.some((status) => status === duplicate || status === clash);
    const committed = [...missed, ...this.appendedEvents(result)];
    // Only with missed events can a slot's order be other than the batch's.
    if (missed.length > 0) committed.sort((a, b) => a.slot - b.slot || a.position - b.position);
    this.announcer.announce(committed);
    this.announcer.settle(this.layout.slots.keys());
    this.answer(result, began);
  }

  /** After a failure: it is not known whether the batch was stored, nor what the connection still does. */
  async abandonConnection(): Promise<void> {
    this.lane.repeatsLikely = true;
    this.announcer.doubt(this.layout.slots.keys());
    await this.connection.discard();
  }

  private appendedEvents({ statuses, versions, places, recordedAt }: Appended): RecordedEvent[] {
    const recorded: RecordedEvent[] = [];
    this.layout.forEach(({ eventId, type, at, dataJson }, { slot, stream }, index) => {
      if (statuses[index] !== appended) return;
      const [version, position] = [versions[index]!, places[index]!];
      recorded.push({ slot, position, stream, version, eventId, type, at, recordedAt, dataJson });
    });
    return recorded;
  }

  /** Events that an attempt whose answer was lost had stored, read back: what was stored first is what counts. */
  private async missedEvents({ all, statuses, places }: Appended, timeout: number): Promise<RecordedEvent[]> {
    if (all) return [];
    // An event that is in the batch twice, and was stored only now, is not one that was missed.
    const justAppended = new Set<string>();
    const positions = new Map<string, { slot: number; position: number }>();
    this.layout.forEach((_, { slot }, index) => {
      if (statuses[index] === appended) justAppended.add(`${slot}/${places[index]!}`);
    });
    this.layout.forEach((_, { slot }, index) => {
      const position = places[index]!;
      const place = `${slot}/${position}`;
      if (statuses[index] !== duplicate || justAppended.has(place)) return;
      if (this.announcer.mayHaveMissed(slot, position)) positions.set(place, { slot, position });
    });
    if (positions.size === 0) return [];
    const found = await this.connection.query<RecordedRow>(eventsAt([...positions.values()]), timeout);
    return found.map(recordedEventOf);
  }

  private answer({ statuses, versions, places }: Appended, began: number): void {
    const answered: AnsweredAppend[] | undefined = this.tracing === undefined ? undefined : [];
    for (const [number, { append, since, origin, resolve, reject }] of this.pending.entries()) {
      const first = this.layout.firstOf(number);
      const outcomes: EventOutcome[] = [];
      for (let index = first; index < first + append.events.length; index++) {
        outcomes.push(outcomeOf(statuses[index]!, versions[index]!, places[index]!));
      }
      if (statuses[first] === refused) reject(partlyKnown(append.stream));
      else resolve(outcomes);
      answered?.push({ stream: append.stream, events: append.events, outcomes, since, origin });
    }
    // What waits for its answer goes on after this: it is told of before its request ends.
    if (answered !== undefined) this.tracing?.committed(answered, began);
  }
}

function outcomeOf(status: number, version: number, place: number): EventOutcome {
  if (status === conflict) return { status: 'conflict', version, guard: place };
  if (status === gone) return { status: 'gone', version, guard: place };
  return {
    status: status === appended ? 'appended' : status === clash ? 'clash' : 'duplicate',
    version,
    position: place,
  };
}

/** A fault of the caller: it decided on the stream's present state, and yet raised an event that the stream has. */
export function partlyKnown(stream: string): DomainError {
  return new DomainError('internal', `Of a checked append to ${stream} some ids are known and some are not.`);
}
