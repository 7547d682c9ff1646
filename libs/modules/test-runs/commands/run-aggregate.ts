import { type RunRef, rooms } from '@testcast/contracts';
import { dataOf, type FoldedEvent, isErased, type RecordedEvent, StoredAggregate } from '#platform/event-store';
import { DomainError } from '#platform/kernel';
import { lifecycleEventId } from '../domain/identity.ts';
import type { Decision } from '../domain/run.decider.ts';
import { type RunFact, type RunState, evolveRun, evolveRunBy, initialRun } from '../domain/run.ts';

/** A run as its lifecycle events tell it. */
export class RunAggregate extends StoredAggregate {
  readonly stream: string;
  private run = initialRun;

  constructor({ projectId, runId }: RunRef) {
    super();
    this.stream = rooms.run(projectId, runId);
  }

  get state(): RunState {
    return this.run;
  }

  /** Raises what `decide` answers. What it throws comes out, and nothing is raised; throws `run.erased` where nothing is left to decide on. */
  perform(decide: (state: RunState) => Decision): Decision {
    if (this.run.erased === true) throw new DomainError('run.erased');
    const decision = decide(this.run);
    for (const event of decision.events) {
      this.raise({ eventId: lifecycleEventId(this.stream, event, this.run.openings), ...event });
    }
    return decision;
  }

  protected override foldStored(events: readonly RecordedEvent[]): void {
    // Of a run that was erased the last event alone says anything, and that everything else is gone.
    this.run = evolveRunBy(this.run, events.filter((event) => !isErased(event)).map(factOf));
  }

  /** What was raised has no offset yet. */
  protected override evolve(event: FoldedEvent): void {
    this.run = evolveRun(this.run, { ...event, offset: 0 } as RunFact);
  }
}

function factOf(event: RecordedEvent): RunFact {
  const { type, at, version } = event;
  return { type, at, data: dataOf<object>(event), offset: version } as RunFact;
}
