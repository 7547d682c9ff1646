import { type RunRef, rooms } from '@testcast/contracts';
import { type FoldedEvent, isErased, type RecordedEvent, StoredAggregate } from '#platform/event-store';
import { DomainError } from '#platform/kernel';
import { lifecycleEventId } from '../domain/identity.ts';
import type { Decision } from '../domain/run.decider.ts';
import { type RunFact, type RunState, evolveRun, initialRun } from '../domain/run.ts';

/** A run as its lifecycle events tell it. */
export class RunAggregate extends StoredAggregate {
  readonly stream: string;
  private run = initialRun;
  /** Offset of the event that is being folded; 0 = it has none yet. */
  private offset = 0;

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

  override load(events: readonly RecordedEvent[]): void {
    for (const event of events) {
      // Of a run that was erased the last event alone says anything, and that everything else is gone.
      if (isErased(event)) continue;
      this.offset = event.version;
      super.load([event]);
    }
    this.offset = 0;
  }

  protected override evolve(event: FoldedEvent): void {
    this.run = evolveRun(this.run, { ...event, offset: this.offset } as RunFact);
  }
}
