import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { type Outcome, type RunRef, type TestRow, type TestsPage, rooms } from '@testcast/contracts';
import { DataSource } from 'typeorm';
import { RequireProject } from '#modules/access';
import { EventStore } from '#platform/event-store';
import { DomainError } from '#platform/kernel';
import { ErasedRuns } from '../retention/erased-runs.ts';
import { selectTestsPage } from './list-tests.sql.ts';

export interface TestsFilter {
  readonly outcome?: Outcome | undefined;
  /** Looks through id, title, suite, variant, owner and tags; upper and lower case are one. */
  readonly search?: string | undefined;
  /** The testKey that the page before ended with. */
  readonly after?: string | undefined;
  readonly limit: number;
}

interface Line {
  asOf: number;
  endOffset: number | null;
  /** As JSON. */
  row: string | null;
  /** Rows of the page and one more, where there is one: also those that it has no room for. */
  found: number | null;
}

/** A page of a run's tests, with what to subscribe from. Throws `project.unknown`, `run.unknown`, `run.erased`. */
export class ListTests extends Query<TestsPage> {
  constructor(
    readonly ref: RunRef,
    readonly filter: TestsFilter,
  ) {
    super();
  }
}

@QueryHandler(ListTests)
export class ListTestsHandler implements IQueryHandler<ListTests> {
  constructor(
    private readonly database: DataSource,
    private readonly store: EventStore,
    private readonly erased: ErasedRuns,
    private readonly queries: QueryBus,
  ) {}

  async execute({ ref, filter }: ListTests): Promise<TestsPage> {
    await this.queries.execute(new RequireProject(ref.projectId));
    // Before the rows: after a fork in between, the offset is refused for its old epoch; the other way round, an offset
    // of the lost history would be taken for one of the new.
    const { epoch } = await this.store.heads();
    const { limit, search } = filter;
    const { text, values } = selectTestsPage({ ...ref, ...filter, search: search?.toLowerCase(), limit: limit + 1 });
    const lines = await this.database.query<Line[]>(text, values);
    const [first] = lines;
    if (first === undefined) return this.notProjectedYet(ref, epoch);
    const rows = lines.slice(0, limit).flatMap(({ row }) => (row === null ? [] : [row]));
    const items = rows.map((row) => JSON.parse(row) as TestRow);
    return {
      epoch,
      asOf: first.asOf,
      ...(first.endOffset === null ? {} : { endOffset: first.endOffset }),
      items,
      next: (first.found ?? 0) > items.length ? items.at(-1)!.testKey : null,
    };
  }

  // Everything is still to come by subscription.
  private async notProjectedYet(ref: RunRef, epoch: string): Promise<TestsPage> {
    await this.erased.requireKept(ref);
    const { projectId, runId } = ref;
    const { version } = await this.store.readStream(rooms.run(projectId, runId), 0, { limit: 1 });
    if (version === 0) throw new DomainError('run.unknown');
    return { epoch, asOf: 0, items: [], next: null };
  }
}
