import { Injectable } from '@nestjs/common';
import { type RunRef, rooms } from '@testcast/contracts';
import { AggregateRepository, EventStore } from '#platform/event-store';
import type { Decision } from '../domain/run.decider.ts';
import type { RunState } from '../domain/run.ts';
import { RunAggregate } from './run-aggregate.ts';

export interface Performed {
  /** Where what was asked for stands in the run's stream, now or since before. */
  readonly offset: number;
  /** Whether it was stored now. */
  readonly isNew: boolean;
  readonly state: RunState;
}

/** Runs, by their lifecycle. */
@Injectable()
export class Runs {
  constructor(
    private readonly aggregates: AggregateRepository,
    private readonly store: EventStore,
  ) {}

  /**
   * Decides on the run as it is and stores the decision, checked: when others change the run's lifecycle meanwhile, it is
   * decided again on what they left. Throws what `decide` throws, and `run.conflict`.
   */
  async perform(ref: RunRef, decide: (state: RunState) => Decision): Promise<Performed> {
    let decision: Decision | undefined;
    const { aggregate, outcomes } = await this.aggregates.update(
      () => new RunAggregate(ref),
      (run) => {
        decision = run.perform(decide);
      },
    );
    const { offset, subject } = decision!;
    if (offset !== undefined) return { offset, isNew: false, state: aggregate.state };
    const outcome = outcomes[subject]!;
    return { offset: outcome.version, isNew: outcome.status === 'appended', state: aggregate.state };
  }

  /**
   * Decides only on the run exactly as it is at `version`: when anything has come meanwhile, a result too, nothing is
   * decided. Throws what `decide` throws.
   */
  async performAt(ref: RunRef, version: number, decide: (state: RunState) => Decision): Promise<void> {
    await this.aggregates.update(
      () => new RunAggregate(ref),
      (run) => {
        if (run.version === version) run.perform(decide);
      },
      { expect: 'version' },
    );
  }

  async find(ref: RunRef): Promise<RunState> {
    const aggregate = new RunAggregate(ref);
    const { events } = await this.store.readLifecycle(rooms.run(ref.projectId, ref.runId));
    aggregate.load(events);
    return aggregate.state;
  }
}
