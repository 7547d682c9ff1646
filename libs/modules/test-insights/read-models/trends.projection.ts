import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import type { EntityManager } from 'typeorm';
import { type PreparedStatement, runPrepared } from '#platform/database';
import { isErased } from '#platform/event-store';
import { type ProjectionBatch, type ProjectionContext, Projection } from '#platform/messaging';
import { bucketCount } from '../domain/duration-histogram.ts';
import { type TrendDelta, TrendDeltas, counters } from '../domain/trend-deltas.ts';
import { attemptOf } from './attempts-of-batch.ts';
import { countWorkers } from './busy-workers.ts';
import { columnsOf } from './columns.ts';
import { countTests } from './counted-tests.ts';
import { forgetRuns } from './erased-runs.ts';
import { addToDays, addToHours, addToMinutes } from './trend-buckets.sql.ts';
import { trendsProjection } from './trends-projection.options.ts';

interface HourRow {
  readonly projectId: string;
  readonly at: number;
  readonly workers: number;
}

/**
 * Keeps the roll-ups of projects. The rows of a test and of a worker belong to one run and so to one slot; buckets are
 * written by all slots, and are therefore added to, last and in one order. A batch costs seven statements.
 *
 * Buckets outlive the log. Of a run that was erased only what its buckets would be corrected by goes: nothing more comes.
 * Events without data are passed over; the log is erased when they have been counted, and is not read again after that.
 */
@Controller()
export class TrendsProjection {
  @Projection(trendsProjection)
  async apply(@Payload() batch: ProjectionBatch, @Ctx() { tx, table }: ProjectionContext): Promise<void> {
    const seen = batch.filter((event) => event.type !== 'run.erased' && !isErased(event)).map(attemptOf);
    await forgetRuns({ tx, table }, batch);
    if (seen.length === 0) return;
    const deltas = new TrendDeltas();
    await countTests(tx, table('trend_tests'), seen, deltas);
    await countWorkers(tx, table('trend_workers'), seen, deltas);
    await addToBuckets({ tx, table }, deltas);
  }
}

async function addToBuckets({ tx, table }: ProjectionContext, deltas: TrendDeltas): Promise<void> {
  await add(tx, addToMinutes(table('trend_minutes')), deltas.of('minute'));
  const hours = await add<HourRow>(tx, addToHours(table('trend_hours')), deltas.of('hour'));
  for (const { projectId, at, workers } of hours) deltas.workersOfDay(projectId, at, workers);
  await add(tx, addToDays(table('trend_days')), deltas.of('day'));
}

async function add<Row>(tx: EntityManager, statement: PreparedStatement, deltas: readonly TrendDelta[]) {
  if (deltas.length === 0) return [];
  return runPrepared<Row>(tx.queryRunner!, statement, columnsOf(deltas.map(recordOf)));
}

/** In the order of the statements' parameters. */
function recordOf({ projectId, at, counts, durations }: TrendDelta): unknown[] {
  const histogram = Array.from({ length: bucketCount }, (_, bucket) => durations.get(bucket) ?? 0);
  return [
    projectId,
    new Date(at).toISOString(),
    ...counters.map((counter) => counts[counter]),
    `{${histogram.join(',')}}`,
  ];
}
