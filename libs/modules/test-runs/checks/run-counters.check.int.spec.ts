import { testKeyOf } from '#platform/kernel';
import { createDatabase } from '#platform/testing';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { DataSource } from 'typeorm';
import { connectionOptions } from '#platform/database';
import { type Finding, LogVerifier } from '#platform/event-store';
import { emptySummary } from '../domain/summary-state.ts';
import { RunCountersCheck } from './run-counters.check.ts';

let database: pg.Client;
let dataSource: DataSource;
beforeAll(async () => {
  const url = await createDatabase();
  database = new pg.Client({ connectionString: url });
  await database.connect();
  dataSource = await new DataSource(connectionOptions({ url, poolSize: 1 })).initialize();
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.end();
});

/** A hundred and one runs, so that there are two pages; each has a passed test with two attempts and an open one. */
beforeEach(async () => {
  await database.query('truncate run_summaries_v1, run_tests_v1, streams');
  const counts = { tests: 2, passed: 1, failed: 0, flaky: 0, skipped: 0, pending: 1, attempts: 2 };
  const state = { ...emptySummary('shop', 'x'), counts, open: 1 };
  for (let run = 0; run < 101; run++) {
    const runId = `run-${run}`;
    await database.query(
      `insert into run_summaries_v1 (project_id, run_id, status, search, started_at, version, summary, state)
       values ('shop', $1, 'running', '', 0, 5, $2, $3)`,
      [runId, { counts }, state],
    );
    const insert = `insert into run_tests_v1 (project_id, run_id, test_key, outcome, search, version, row)
       values ('shop', $1, $2, $3, '', $4, $5)`;
    await database.query(insert, [runId, testKeyOf('a', ''), 'passed', 5, { attempts: [{}, {}], running: false }]);
    await database.query(insert, [runId, testKeyOf('b', ''), 'pending', 4, { attempts: [], running: true }]);
    await database.query('insert into streams (stream, slot, version, guard) values ($1, 0, 5, 0)', [
      `run:shop/${runId}`,
    ]);
  }
});

/** What this check finds; the log itself has no events here. */
async function findings(): Promise<Finding[]> {
  const found = await new LogVerifier(dataSource, { readModels: [new RunCountersCheck()] }).verify();
  return found.filter(({ check }) => check === 'run counters');
}

const where = 'run:shop/run-99';

it.each([
  ['summary', `jsonb_set(summary, '{counts,passed}', '7')`, 'its row says 7 passed, and its tests add up to 1'],
  ['summary', `jsonb_set(summary, '{counts,attempts}', '3')`, 'its row says 3 attempts, and its tests add up to 2'],
  ['state', `jsonb_set(state, '{open}', '0')`, 'its row says 0 open, and its tests add up to 1'],
  ['version', '6', 'its row reflects version 6, and the log ends at 5'],
  ['version', '4', "a test's row reflects version 5, and the run's only 4"],
])('finds a run whose %s is %s', async (column, value, problem) => {
  expect(await findings()).toEqual([]);
  await database.query(`update run_summaries_v1 set ${column} = ${value} where run_id = 'run-99'`);
  expect(await findings()).toEqual([{ check: 'run counters', where, problem }]);
});

it('finds a test that nobody counted, and a run that is not in the log', async () => {
  await database.query(`delete from run_tests_v1 where run_id = 'run-99' and outcome = 'passed'`);
  await database.query('delete from streams where stream = $1', ['run:shop/run-7']);
  const found = await findings();
  expect(found).toContainEqual({
    check: 'run counters',
    where,
    problem: 'its row says 2 tests, and its tests add up to 1',
  });
  expect(found).toContainEqual({
    check: 'run counters',
    where: 'run:shop/run-7',
    problem: 'it has a row, and the log has no such run',
  });
});
