import { Injectable } from '@nestjs/common';
import { type RunRef, type RunSummary, rooms } from '@testcast/contracts';
import { EventStore } from '#platform/event-store';
import { toRunSummary } from '../domain/run-summary.ts';
import { summaryOf } from '../domain/summary.ts';
import { storedEvent } from './stored-event.ts';

/** A run that has no row yet, read from the log. */
@Injectable()
export class RunInLog {
  constructor(private readonly store: EventStore) {}

  /** The summary after the run's first events, a thousand at most; undefined when there is no such run. */
  async summaryOf({ projectId, runId }: RunRef): Promise<RunSummary | undefined> {
    const { events } = await this.store.readStream(rooms.run(projectId, runId), 0);
    if (events.length === 0) return undefined;
    return toRunSummary(summaryOf(projectId, runId, events.map(storedEvent)).state);
  }
}
