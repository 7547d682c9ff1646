import { Injectable } from '@nestjs/common';
import { type RunRef, rooms } from '@testcast/contracts';
import { endsWith, EventStore } from '#platform/event-store';
import { DomainError } from '#platform/kernel';

/** Which runs have been erased, by the log's own word: rows are gone a moment later, and tell nothing. */
@Injectable()
export class ErasedRuns {
  constructor(private readonly store: EventStore) {}

  /** Throws `run.erased`. */
  async requireKept({ projectId, runId }: RunRef): Promise<void> {
    if (await endsWith(this.store, rooms.run(projectId, runId), 'run.erased')) throw new DomainError('run.erased');
  }
}
