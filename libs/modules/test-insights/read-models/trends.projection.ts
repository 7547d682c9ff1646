import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import type { EntityManager } from 'typeorm';
import { type PreparedStatement, runPrepared } from '#platform/database';
import { isErased } from '#platform/event-store';
import { type ProjectionBatch, type ProjectionContext, Projection } from '#platform/messaging';
import { type TrendDelta, TrendDeltas } from '../domain/trend-deltas.ts';
import { attemptOf } from './attempts-of-batch.ts';
import { countWorkers } from './busy-workers.ts';
import { countTests } from './counted-tests.ts';
import { forgetRuns } from './erased-runs.ts';
import { attemptsBySettled } from './settled-trends.ts';
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
 * Events without data are passed over: they have been counted, and a rebuild takes over the buckets that they are in.
 */
@Controller()
export class TrendsProjection {
  private readonly minutes = new TrendMinutes();

  @Projection(trendsProjection)
  async apply(@Payload() batch: ProjectionBatch, @Ctx() context: ProjectionContext): Promise<void> {
    const seen = batch.filter((event) => event.type !== 'run.erased' && !isErased(event)).map(attemptOf);
    for (const { attempts, settled } of await attemptsBySettled(context, seen)) {
      const deltas = new TrendDeltas(settled);
      await countTests(context.tx, context.table('trend_tests'), attempts, deltas);
      await countWorkers(context.tx, context.table('trend_workers'), attempts, deltas);
      await this.addToBuckets(context, deltas);
    }
    // Last, since the batch may have results of a run as well as the word that it was erased.
    await forgetRuns(context, batch);
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
