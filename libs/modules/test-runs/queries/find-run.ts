import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import type { RunRef, RunSummary } from '@testcast/contracts';
import { DataSource } from 'typeorm';
import { RequireProject } from '#modules/access';
import { DomainError } from '#platform/kernel';
import { ErasedRuns } from '../retention/erased-runs.ts';
import { RunInLog } from '../read-models/run-in-log.ts';
import { RunSummaryRow } from '../read-models/run-summary.entity.ts';

/** A run's summary. Throws `project.unknown`, `run.unknown`, `run.erased`. */
export class FindRun extends Query<RunSummary> {
  constructor(readonly ref: RunRef) {
    super();
  }
}

@QueryHandler(FindRun)
export class FindRunHandler implements IQueryHandler<FindRun> {
  constructor(
    private readonly database: DataSource,
    private readonly log: RunInLog,
    private readonly erased: ErasedRuns,
    private readonly queries: QueryBus,
  ) {}

  async execute({ ref }: FindRun): Promise<RunSummary> {
    await this.queries.execute(new RequireProject(ref.projectId));
    const { projectId, runId } = ref;
    const row = await this.database.getRepository(RunSummaryRow).findOneBy({ projectId, runId });
    if (row !== null) return row.summary;
    await this.erased.requireKept(ref);
    // Whoever starts a run and asks for it at once is ahead of the projection.
    const summary = await this.log.summaryOf(ref);
    if (summary === undefined) throw new DomainError('run.unknown');
    return summary;
  }
}
