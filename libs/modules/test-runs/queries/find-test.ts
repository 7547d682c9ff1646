import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { type RunEventData, type RunRef, type TestAttempt, type TestDetail, rooms } from '@testcast/contracts';
import { DataSource } from 'typeorm';
import { dataOf, type DetailedEvent, EventStore } from '#platform/event-store';
import { DomainError } from '#platform/kernel';
import { RunTestRow } from '../read-models/run-test.entity.ts';
import { FindRun } from './find-run.ts';

/** Details that one read of the store may ask for. */
const attemptsARead = 500;

/** A test with everything that its attempts reported. Throws `project.unknown`, `run.unknown`, `run.erased`, `test.unknown`. */
export class FindTest extends Query<TestDetail> {
  constructor(
    readonly ref: RunRef,
    readonly testKey: string,
  ) {
    super();
  }
}

@QueryHandler(FindTest)
export class FindTestHandler implements IQueryHandler<FindTest> {
  constructor(
    private readonly database: DataSource,
    private readonly store: EventStore,
    private readonly queries: QueryBus,
  ) {}

  async execute({ ref: { projectId, runId }, testKey }: FindTest): Promise<TestDetail> {
    await this.queries.execute(new FindRun({ projectId, runId }));
    const found = await this.database.getRepository(RunTestRow).findOneBy({ projectId, runId, testKey });
    if (found === null) throw new DomainError('test.unknown');
    const { attempts, ...row } = found.row;
    const reported = await this.reported(rooms.run(projectId, runId), attempts);
    return { ...row, attempts: attempts.map((attempt) => ({ ...attempt, ...reported.get(attempt.offset ?? 0) })) };
  }

  private async reported(stream: string, attempts: readonly TestAttempt[]): Promise<Map<number, object>> {
    const offsets = attempts.flatMap(({ offset }) => (offset === undefined ? [] : [offset]));
    const reported = new Map<number, object>();
    for (let at = 0; at < offsets.length; at += attemptsARead) {
      const events = await this.store.readDetails(stream, offsets.slice(at, at + attemptsARead));
      for (const event of events) reported.set(event.version, reportOf(event));
    }
    return reported;
  }
}

function reportOf(event: DetailedEvent): object {
  const detail = event.detailJson === null ? {} : (JSON.parse(event.detailJson) as object);
  const { parameters, truncated } = dataOf<RunEventData['test.finished']>(event);
  return { ...detail, ...(parameters && { parameters }), ...(truncated && { truncated }) };
}
