import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import type { EntityManager } from 'typeorm';
import { type PreparedStatement, runPrepared } from '#platform/database';
import { isErased } from '#platform/event-store';
import { type ProjectionBatch, type ProjectionContext, Projection } from '#platform/messaging';
import { type TrendDelta, TrendDeltas } from '../domain/trend-deltas.ts';
import { type AttemptSeen, attemptOf } from './attempts-of-batch.ts';
import { countWorkers } from './busy-workers.ts';
import { countTests } from './counted-tests.ts';
import { forgetRuns } from './erased-runs.ts';
import { addToDays, addToHours } from './trend-buckets.sql.ts';
import { TrendMinutes } from './trend-minutes.ts';
import { recordsOf } from './trend-records.ts';
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
  private readonly minutes = new TrendMinutes();

  @Projection(trendsProjection)
  async apply(@Payload() batch: ProjectionBatch, @Ctx() { tx, table }: ProjectionContext): Promise<void> {
    const seen = batch.filter((event) => event.type !== 'run.erased' && !isErased(event)).map(attemptOf);
    if (seen.length > 0) await this.count({ tx, table }, seen);
    // Last, since the batch may have results of a run as well as the word that it was erased.
    await forgetRuns({ tx, table }, batch);
  }

  private async count({ tx, table }: ProjectionContext, seen: readonly AttemptSeen[]): Promise<void> {
    const deltas = new TrendDeltas();
    await countTests(tx, table('trend_tests'), seen, deltas);
    await countWorkers(tx, table('trend_workers'), seen, deltas);
    await this.addToBuckets({ tx, table }, deltas);
  }

  private async addToBuckets({ tx, table }: ProjectionContext, deltas: TrendDeltas): Promise<void> {
    await this.minutes.add(tx, table('trend_minutes'), deltas.of('minute'));
    const hours = await add<HourRow>(tx, addToHours(table('trend_hours')), deltas.of('hour'));
    for (const { projectId, at, workers } of hours) deltas.workersOfDay(projectId, at, workers);
    await add(tx, addToDays(table('trend_days')), deltas.of('day'));
  }
}

async function add<Row>(tx: EntityManager, statement: PreparedStatement, deltas: readonly TrendDelta[]) {
  return deltas.length === 0 ? [] : runPrepared<Row>(tx.queryRunner!, statement, recordsOf(deltas));
}
