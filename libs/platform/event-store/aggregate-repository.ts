import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { ErrorCode } from '@testcast/contracts';
import { DomainError } from '#platform/kernel';
import { type EventOutcome, EventStore } from './event-store.ts';
import type { StoredAggregate } from './stored-aggregate.ts';

export interface UpdateOptions {
  /**
   * What must not have changed since the load: the last lifecycle event (`guard`, the default; results do not move it,
   * so a cancel never starves), or the last event of any kind (`version`).
   */
  readonly expect?: 'guard' | 'version' | undefined;
  /** Loads and decisions before it gives up (default 20). */
  readonly attempts?: number | undefined;
  /** What it throws when it gives up (default `run.conflict`). */
  readonly conflict?: ErrorCode | undefined;
  /** What it throws when the stream is closed (default `run.erased`). */
  readonly gone?: ErrorCode | undefined;
}

export interface Updated<A extends StoredAggregate> {
  readonly aggregate: A;
  /** At the index of the raised event; empty when the decision raised nothing. */
  readonly outcomes: EventOutcome[];
}

/** Loads an aggregate, lets it decide, and appends what it raised, checked; a conflict loads and decides anew. */
@Injectable()
export class AggregateRepository {
  private readonly turns = new Map<string, Promise<unknown>>();

  constructor(private readonly store: EventStore) {}

  /**
   * Resolves once what `decide` raised is durable. Updates of one stream take turns in this process: fifty shards that
   * start at once would otherwise conflict fifty times over.
   *
   * @param create a new, empty aggregate; called for each attempt
   * @param decide calls the aggregate's commands; may be called again, so it does nothing else. What it throws comes out.
   * @throws DomainError `options.conflict` when others were faster in every attempt; `options.gone`; `store.unavailable`
   */
  async update<A extends StoredAggregate>(
    create: () => A,
    decide: (aggregate: A) => void | Promise<void>,
    options: UpdateOptions = {},
  ): Promise<Updated<A>> {
    const { stream } = create();
    const before = this.turns.get(stream);
    const turn = (before ?? Promise.resolve()).then(() => this.attempt(create, decide, options));
    const settled = turn.catch(() => undefined);
    this.turns.set(stream, settled);
    try {
      return await turn;
    } finally {
      if (this.turns.get(stream) === settled) this.turns.delete(stream);
    }
  }

  private async attempt<A extends StoredAggregate>(
    create: () => A,
    decide: (aggregate: A) => void | Promise<void>,
    { expect = 'guard', attempts = 20, conflict = 'run.conflict', gone = 'run.erased' }: UpdateOptions,
  ): Promise<Updated<A>> {
    for (let tries = 1; tries <= attempts; tries++) {
      const aggregate = await this.load(create);
      await decide(aggregate);
      // A copy: the aggregate's own array is emptied once it is stored.
      const events = aggregate.raised();
      if (events.length === 0) return { aggregate, outcomes: [] };
      const expected = expect === 'guard' ? { guard: aggregate.guard } : { version: aggregate.version };
      const outcomes = await this.store.append({ stream: aggregate.stream, expected, events });
      if (outcomes.some(({ status }) => status === 'gone')) throw new DomainError(gone);
      if (!outcomes.some(({ status }) => status === 'conflict')) {
        aggregate.uncommit();
        for (const { version } of outcomes) moveTo(aggregate, version);
        return { aggregate, outcomes };
      }
      // Other processes that lost the same race must not meet again in step.
      await delay(Math.random() * Math.min(5 * tries, 50));
    }
    throw new DomainError(conflict);
  }

  private async load<A extends StoredAggregate>(create: () => A): Promise<A> {
    const aggregate = create();
    const page = await this.store.readLifecycle(aggregate.stream);
    aggregate.load(page.events);
    aggregate.guard = page.guard;
    aggregate.version = page.version;
    return aggregate;
  }
}

function moveTo(aggregate: StoredAggregate, version: number): void {
  aggregate.guard = Math.max(aggregate.guard, version);
  aggregate.version = Math.max(aggregate.version, version);
}
