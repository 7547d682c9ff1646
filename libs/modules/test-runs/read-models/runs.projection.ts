import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { type TestRow, isTestEvent } from '@testcast/contracts';
import type { QueryRunner } from 'typeorm';
import { runPrepared } from '#platform/database';
import { isErased } from '#platform/event-store';
import { type ProjectionBatch, type ProjectionContext, Projection } from '#platform/messaging';
import { runRefOf } from '../domain/run-stream.ts';
import { type StoredRunEvent, type SummaryState, emptySummary } from '../domain/summary-state.ts';
import { foldRun } from '../domain/summary.ts';
import { runRecord, testColumns } from './run-records.ts';
import { runsProjection } from './runs-projection.options.ts';
import { deleteOfRuns, selectRuns, selectTests, upsertRuns, upsertTests } from './run-rows.sql.ts';
import { storedEvent } from './stored-event.ts';

/** A run that a batch touches, with those of its tests that are touched too. */
interface Touched {
  readonly projectId: string;
  readonly runId: string;
  readonly events: StoredRunEvent[];
  state: SummaryState;
  readonly rows: Map<string, TestRow>;
  readonly changed: Set<string>;
}

/**
 * Keeps the rows of runs and of their tests. A batch costs four statements however many events it has: the rows that it
 * touches are read, folded in memory by the same function that watchers fold by, and written. Of a run that was erased the
 * rows go, and events without data are passed over: live they are never met, a rebuild finds `run.erased` after them.
 */
@Controller()
export class RunsProjection {
  @Projection(runsProjection)
  async apply(@Payload() batch: ProjectionBatch, @Ctx() { tx, table }: ProjectionContext): Promise<void> {
    const erased = batch.filter(({ type }) => type === 'run.erased').map(({ stream }) => stream);
    const runs = touchedRuns(batch.filter((event) => !isErased(event) && !erased.includes(event.stream)));
    const tables = { runs: table('run_summaries'), tests: table('run_tests') };
    if (erased.length > 0) await remove(tx.queryRunner!, tables, erased);
    if (runs.length === 0) return;
    await load(tx.queryRunner!, tables, runs);
    for (const run of runs) fold(run);
    await write(tx.queryRunner!, tables, runs);
  }
}

function touchedRuns(batch: ProjectionBatch): Touched[] {
  const runs = new Map<string, Touched>();
  for (const event of batch) {
    const known = runs.get(event.stream);
    if (known !== undefined) {
      known.events.push(storedEvent(event));
      continue;
    }
    const ref = runRefOf(event.stream);
    if (ref === undefined) throw new Error(`${event.stream} is no run's stream and has a ${event.type}`);
    const state = emptySummary(ref.projectId, ref.runId);
    runs.set(event.stream, { ...ref, events: [storedEvent(event)], state, rows: new Map(), changed: new Set() });
  }
  return [...runs.values()];
}

interface Tables {
  readonly runs: string;
  readonly tests: string;
}

async function remove(runner: QueryRunner, tables: Tables, streams: readonly string[]): Promise<void> {
  const refs = streams.map((stream) => runRefOf(stream)!);
  const keys = [refs.map(({ projectId }) => projectId), refs.map(({ runId }) => runId)];
  await runner.query(deleteOfRuns(tables.tests), keys);
  await runner.query(deleteOfRuns(tables.runs), keys);
}

async function load(runner: QueryRunner, tables: Tables, runs: readonly Touched[]): Promise<void> {
  const byRun = new Map(runs.map((run) => [`${run.projectId}/${run.runId}`, run]));
  const states = await runPrepared<{ projectId: string; runId: string; state: SummaryState }>(
    runner,
    selectRuns(tables.runs),
    [runs.map(({ projectId }) => projectId), runs.map(({ runId }) => runId)],
  );
  for (const { projectId, runId, state } of states) byRun.get(`${projectId}/${runId}`)!.state = state;

  // A run without a row has no tests with rows either: they were written together.
  const known = runs.filter(({ state }) => state.version > 0);
  const tests = known.flatMap(({ projectId, runId, events }) =>
    [...testKeysOf(events)].map((testKey) => ({ projectId, runId, testKey })),
  );
  if (tests.length === 0) return;
  const rows = await runPrepared<{ projectId: string; runId: string; row: TestRow }>(
    runner,
    selectTests(tables.tests),
    [tests.map(({ projectId }) => projectId), tests.map(({ runId }) => runId), tests.map(({ testKey }) => testKey)],
  );
  for (const { projectId, runId, row } of rows) byRun.get(`${projectId}/${runId}`)!.rows.set(row.testKey, row);
}

function testKeysOf(events: readonly StoredRunEvent[]): Set<string> {
  const keys = new Set<string>();
  for (const event of events) if (isTestEvent(event)) keys.add(event.data.testKey);
  return keys;
}

function fold(run: Touched): void {
  for (const event of run.events) {
    const known = isTestEvent(event) ? run.rows.get(event.data.testKey) : undefined;
    const { state, row } = foldRun(run.state, event, known);
    run.state = state;
    if (row === undefined) continue;
    run.rows.set(row.testKey, row);
    run.changed.add(row.testKey);
  }
}

async function write(runner: QueryRunner, tables: Tables, runs: readonly Touched[]): Promise<void> {
  await runPrepared(runner, upsertRuns(tables.runs), [JSON.stringify(runs.map(({ state }) => runRecord(state)))]);
  const tests = runs.flatMap(({ projectId, runId, rows, changed }) =>
    [...changed].map((testKey) => ({ projectId, runId, row: rows.get(testKey)! })),
  );
  if (tests.length > 0) await runPrepared(runner, upsertTests(tables.tests), testColumns(tests));
}
