import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { type OutputEventData, type OutputPage, type RunRef, rooms } from '@testcast/contracts';
import { RequireProject } from '#modules/access';
import { dataOf, endsWith, EventStore, type RecordedEvent } from '#platform/event-store';
import { DomainError } from '#platform/kernel';

/** Bytes of a page: as much as a server frame, times four. */
const pageBytes = 1024 * 1024;

export interface OutputFilter {
  /** Offset of the last piece that is known. */
  readonly after: number;
  readonly limit: number;
}

/** Output of a test (`_`: of none), in the order in which it arrived. Throws `project.unknown`, `run.unknown`, `run.erased`. */
export class ListOutput extends Query<OutputPage> {
  constructor(
    readonly ref: RunRef,
    readonly testKey: string,
    readonly filter: OutputFilter,
  ) {
    super();
  }
}

@QueryHandler(ListOutput)
export class ListOutputHandler implements IQueryHandler<ListOutput> {
  constructor(
    private readonly store: EventStore,
    private readonly queries: QueryBus,
  ) {}

  async execute({ ref: { projectId, runId }, testKey, filter }: ListOutput): Promise<OutputPage> {
    await this.queries.execute(new RequireProject(projectId));
    const run = rooms.run(projectId, runId);
    if (await endsWith(this.store, run, 'run.erased')) throw new DomainError('run.erased');
    const stream = rooms.output(projectId, runId, testKey);
    const page = await this.store.readStream(stream, filter.after, { limit: filter.limit, maxBytes: pageBytes });
    if (page.version === 0) await this.requireRun(run);
    const last = page.events.at(-1)?.version;
    return {
      epoch: page.epoch,
      items: page.events.map(pieceOf),
      next: last !== undefined && last < page.version ? last : null,
    };
  }

  private async requireRun(stream: string): Promise<void> {
    const { version } = await this.store.readStream(stream, 0, { limit: 1 });
    if (version === 0) throw new DomainError('run.unknown');
  }
}

function pieceOf(event: RecordedEvent): OutputPage['items'][number] {
  const { stream, seq, text, attempt } = dataOf<OutputEventData['output']>(event);
  return { offset: event.version, at: event.at, stream, seq, text, ...(attempt === undefined ? {} : { attempt }) };
}
