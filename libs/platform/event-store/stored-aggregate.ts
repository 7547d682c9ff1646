import type { Type } from '@nestjs/common';
import { AggregateRoot, type IEventHandler } from '@nestjs/cqrs';
import { dataOf, type NewEvent, type RecordedEvent } from './recorded-event.ts';

/** What an aggregate folds: an event that was stored, or one that it has just raised. */
export type FoldedEvent = Pick<NewEvent, 'type' | 'at' | 'data'>;

/**
 * An aggregate whose facts are the lifecycle events of one stream. Subclasses name the stream, keep state in `evolve`,
 * and `raise` from their commands; `AggregateRepository` loads and stores them. `commit()` is never called: it hands its
 * live array to an in-memory bus and empties it before anything is durable.
 */
export abstract class StoredAggregate extends AggregateRoot<FoldedEvent> {
  /** The stream's name. */
  abstract readonly stream: string;

  /** Version of the stream's last lifecycle event that is known here; 0 = none. */
  guard = 0;

  /** Version of the stream's last event of any kind that is known here; 0 = no stream yet. */
  version = 0;

  /** Applies one event to the state. Called for history and for what is raised, so it must not decide anything. */
  protected abstract evolve(event: FoldedEvent): void;

  /** Folds stored lifecycle events, oldest first. */
  load(events: readonly RecordedEvent[]): void {
    this.foldStored(events);
    const last = events.at(-1);
    if (last === undefined) return;
    this.guard = last.version;
    this.version = Math.max(this.version, last.version);
  }

  /** For subclasses that need more of a stored event than `evolve` is given, or fold many at once for less. */
  protected foldStored(events: readonly RecordedEvent[]): void {
    for (const event of events) this.evolve({ type: event.type, at: event.at, data: dataOf<object>(event) });
  }

  /** Facts that are not stored yet, in the order in which they were raised; a copy. */
  raised(): NewEvent[] {
    return [...this.getUncommittedEvents()] as NewEvent[];
  }

  /**
   * Adds a fact and folds it. It is stored as a lifecycle event whatever it says: another kind would move the state here,
   * and be missing from the next load.
   */
  protected raise(event: NewEvent): void {
    this.apply({ ...event, lifecycle: true } satisfies NewEvent);
  }

  /** Every event goes to `evolve`; cqrs would look for a method named after the event's class, and these have none. */
  protected override getEventHandler(): Type<IEventHandler> {
    const handler = (event: FoldedEvent): void => this.evolve(event);
    // cqrs declares a class here, and calls it as a function.
    return handler as unknown as Type<IEventHandler>;
  }
}
