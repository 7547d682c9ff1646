import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { type RunEvent, type RunRef, type RunSummary, rooms } from '@testcast/contracts';
import { DataSource } from 'typeorm';
import { RequireProject } from '#modules/access';
import { dataOf, EventStore } from '#platform/event-store';
import { DomainError } from '#platform/kernel';
import { toRunSummary } from '../domain/run-summary.ts';
import type { StoredRunEvent } from '../domain/summary-state.ts';
import { summaryOf } from '../domain/summary.ts';
import { RunSummaryRow } from '../read-models/run-summary.entity.ts';

/** A run's summary. Throws `project.unknown`, `run.unknown`. */
export class FindRun extends Query<RunSummary> {
  constructor(readonly ref: RunRef) {
    super();
  }
}

@QueryHandler(FindRun)
export class FindRunHandler implements IQueryHandler<FindRun> {
  constructor(
    private readonly database: DataSource,
    private readonly store: EventStore,
    private readonly queries: QueryBus,
  ) {}

  async execute({ ref }: FindRun): Promise<RunSummary> {
    await this.queries.execute(new RequireProject(ref.projectId));
    const { projectId, runId } = ref;
    const row = await this.database.getRepository(RunSummaryRow).findOneBy({ projectId, runId });
    return row === null ? this.fromLog(ref) : toRunSummary(row.state);
  }

  // Whoever starts a run and asks for it at once is ahead of the projection: what the log begins with is the answer.
  private async fromLog({ projectId, runId }: RunRef): Promise<RunSummary> {
    const { events } = await this.store.readStream(rooms.run(projectId, runId), 0);
    if (events.length === 0) throw new DomainError('run.unknown');
    const folded = events.map((event) => ({
      ...({ type: event.type, at: event.at, data: dataOf<object>(event) } as RunEvent),
      offset: event.version,
      recordedAt: event.recordedAt,
    })) satisfies StoredRunEvent[];
    return toRunSummary(summaryOf(projectId, runId, folded).state);
  }
}
