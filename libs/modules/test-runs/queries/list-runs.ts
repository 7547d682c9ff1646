import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import type { RunStatus, RunSummary } from '@testcast/contracts';
import { DataSource } from 'typeorm';
import { RequireProject } from '#modules/access';
import { RunSummaryRow } from '../read-models/run-summary.entity.ts';
import { readCursor, writeCursor } from './page-cursor.ts';
import { shardBytesInList, withFewerShards } from './with-fewer-shards.ts';

export interface RunsPage {
  items: RunSummary[];
  next: string | null;
}

export interface RunsFilter {
  readonly status?: RunStatus | undefined;
  readonly branch?: string | undefined;
  /** Looks through id, name, branch, commit, message, author, pull request and tags; upper and lower case are one. */
  readonly search?: string | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Of a page as JSON; a page that would be larger ends earlier. */
const maxPageBytes = 1024 * 1024;

/** A project's runs, the newest first. Throws `project.unknown`, `request.invalid` for a cursor that is none. */
export class ListRuns extends Query<RunsPage> {
  constructor(
    readonly projectId: string,
    readonly filter: RunsFilter,
  ) {
    super();
  }
}

@QueryHandler(ListRuns)
export class ListRunsHandler implements IQueryHandler<ListRuns> {
  constructor(
    private readonly database: DataSource,
    private readonly queries: QueryBus,
  ) {}

  async execute({ projectId, filter }: ListRuns): Promise<RunsPage> {
    await this.queries.execute(new RequireProject(projectId));
    const { limit } = filter;
    // One more than asked for tells whether there is another page.
    const rows = await this.select(projectId, filter)
      .limit(limit + 1)
      .getMany();
    const summaries = rows.slice(0, limit).map(({ summary }) => withFewerShards(summary, shardBytesInList));
    const items = firstWithin(summaries, maxPageBytes);
    return { items, next: items.length < rows.length ? writeCursor(rows[items.length - 1]!) : null };
  }

  private select(projectId: string, { status, branch, search, after }: RunsFilter) {
    const select = this.database
      .getRepository(RunSummaryRow)
      .createQueryBuilder('run')
      .where('run.projectId = :projectId', { projectId })
      .orderBy('run.startedAt', 'DESC')
      .addOrderBy('run.runId', 'DESC');
    if (status !== undefined) select.andWhere('run.status = :status', { status });
    if (branch !== undefined) select.andWhere('run.branch = :branch', { branch });
    if (search !== undefined) select.andWhere('strpos(run.search, :search) > 0', { search: search.toLowerCase() });
    if (after !== undefined) select.andWhere('(run.startedAt, run.runId) < (:startedAt, :runId)', readCursor(after));
    return select;
  }
}

/** The first of them, at least one, up to so many bytes as JSON. */
function firstWithin<T>(items: readonly T[], maxBytes: number): T[] {
  let bytes = 0;
  const end = items.findIndex((item) => (bytes += Buffer.byteLength(JSON.stringify(item))) > maxBytes);
  return end === -1 ? [...items] : items.slice(0, Math.max(end, 1));
}
