import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type LifecycleEvent,
  type RunEvent,
  type RunCounts,
  type TestRow,
  attemptStatuses,
  outcomes,
} from '@testcast/contracts';
import { DataSource } from 'typeorm';
import { connectionOptions } from '#platform/database';
import type { RecordedEvent } from '#platform/event-store';
import { testKeyOf } from '#platform/kernel';
import { createDatabase } from '#platform/testing';
import type { SummaryState } from '../domain/summary-state.ts';
import { isFailing, summaryOf } from '../domain/summary.ts';
import { RunsProjection } from './runs.projection.ts';

let database: DataSource;
beforeAll(async () => {
  database = await new DataSource(connectionOptions({ url: await createDatabase(), poolSize: 2 })).initialize();
});
afterAll(async () => {
  await database?.destroy();
});

const testIds = ['a::one', 'a::two', 'b::three'];
const ofTest = fc.record({
  testId: fc.constantFrom(...testIds),
  shardId: fc.constantFrom('', 's1', 's2'),
  rerun: fc.constantFrom(1, 1, 2),
});
const test = ofTest.map((of) => ({ ...of, variant: '', testKey: testKeyOf(of.testId, '') }));
const attempt = fc.constantFrom(1, 1, 2, 3);
const shard = fc.record({ shardId: fc.constantFrom('s1', 's2'), rerun: fc.constantFrom(1, 2) });

function event<T extends RunEvent['type']>(type: T, data: fc.Arbitrary<Extract<RunEvent, { type: T }>['data']>) {
  return {
    weight: type.startsWith('test.') ? 6 : 1,
    arbitrary: data.map((value) => ({ type, at: 1000, data: value }) as RunEvent),
  };
}
const anyEvent: fc.Arbitrary<RunEvent> = fc.oneof(
  event('test.planned', test),
  event(
    'test.started',
    fc.record({ test, attempt }).map(({ test, attempt }) => ({ ...test, attempt, worker: 'w1' })),
  ),
  event(
    'test.finished',
    fc
      .record({
        test,
        attempt,
        status: fc.constantFrom(...attemptStatuses),
        willRetry: fc.boolean(),
        durationMs: fc.nat(99),
      })
      .map(({ test, ...rest }) => ({
        ...test,
        ...rest,
        ...(rest.status === 'failed' ? { error: { message: 'é "no" \\u0000' } } : {}),
      })),
  ),
  event(
    'run.described',
    fc.record({ name: fc.constantFrom('one', 'two'), expectedTests: fc.nat(4) }, { requiredKeys: [] }),
  ),
  event(
    'shard.started',
    fc
      .record({ shard, total: fc.constantFrom(1, 2), expectedTests: fc.nat(3) })
      .map(({ shard, ...rest }) => ({ ...shard, ...rest, variant: '' })),
  ),
  event('shard.finished', shard),
  event('run.finished', fc.constantFrom({}, { status: 'passed' as const }, { status: 'failed' as const })),
  event('run.interrupted', fc.constant({ reason: 'quiet' as const })),
  event('run.cancelled', fc.constant({})),
  event('run.reopened', fc.constant({ reason: 'rerun' as const, rerun: 2 })),
);

let runs = 0;
function recorded(stream: string, facts: readonly RunEvent[]): RecordedEvent[] {
  const [projectId, runId] = stream.slice(4).split('/') as [string, string];
  const begun: LifecycleEvent = { type: 'run.started', at: 900, data: { projectId, runId, implicit: false } };
  return [begun, ...facts].map(({ type, at, data }, index) => ({
    slot: 0,
    position: index + 1,
    stream,
    version: index + 1,
    eventId: `${stream}#${index}`,
    type,
    at,
    recordedAt: 2000 + index,
    dataJson: JSON.stringify(data),
  }));
}

/** Two runs' events in one order, each run's own kept, cut into batches. */
function batches(
  a: readonly RecordedEvent[],
  b: readonly RecordedEvent[],
  sizes: readonly number[],
): RecordedEvent[][] {
  const merged = [...a, ...b].sort((x, y) => x.version - y.version);
  const cut: RecordedEvent[][] = [];
  for (let at = 0, n = 0; at < merged.length; n++) {
    const size = sizes[n % sizes.length]!;
    cut.push(merged.slice(at, at + size));
    at += size;
  }
  return cut;
}

async function project(batch: RecordedEvent[]): Promise<void> {
  await database.transaction((tx) => new RunsProjection().apply(batch, { tx, table: (name) => `${name}_v1` }));
}

async function stored(stream: string): Promise<{ state: SummaryState; rows: Map<string, TestRow>; columns: object }> {
  const key = stream.slice(4).split('/');
  const [run] = await database.query<{ state: SummaryState; version: string; end_offset: string | null }[]>(
    'select * from run_summaries where project_id = $1 and run_id = $2',
    key,
  );
  const rows = await database.query<{ row: TestRow }[]>(
    'select * from run_tests where project_id = $1 and run_id = $2',
    key,
  );
  const { version, end_offset } = run!;
  return {
    state: run!.state,
    rows: new Map(rows.map(({ row }) => [row.testKey, row])),
    columns: { version: Number(version), endOffset: end_offset === null ? undefined : Number(end_offset) },
  };
}

function recount(rows: Iterable<TestRow>): RunCounts {
  const all = [...rows];
  const of = Object.fromEntries(
    outcomes.map((outcome) => [outcome, all.filter((row) => row.outcome === outcome).length]),
  );
  return {
    ...of,
    tests: all.length,
    attempts: all.reduce((sum, { attempts }) => sum + attempts.length, 0),
  } as RunCounts;
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

it('leaves exactly the fold of the log, rows and counters, however the log is cut into batches', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyEvent, { maxLength: 40 }),
      fc.array(anyEvent, { maxLength: 15 }),
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 }),
      async (one, other, sizes) => {
        const number = (runs += 1);
        const logs = [recorded(`run:shop/one-${number}`, one), recorded(`run:shop/other-${number}`, other)] as const;
        for (const batch of batches(logs[0], logs[1], sizes)) await project(batch);
        for (const log of logs) {
          const { stream } = log[0]!;
          const [projectId, runId] = stream.slice(4).split('/') as [string, string];
          const events = log.map(({ type, at, recordedAt, version, dataJson }) => ({
            ...({ type, at, data: JSON.parse(dataJson) as object } as RunEvent),
            recordedAt,
            offset: version,
          }));
          const expected = summaryOf(projectId, runId, events);
          const { state, rows, columns } = await stored(stream);
          expect(state).toEqual(plain(expected.state));
          expect(rows).toEqual(new Map([...expected.rows].map(([key, row]) => [key, plain(row)])));
          expect(columns).toEqual({ version: log.length, endOffset: state.end?.offset });
          expect(state.counts).toEqual(recount(rows.values()));
          expect(state.failing).toBe([...rows.values()].filter(isFailing).length);
          expect(state.open).toBe([...rows.values()].filter(({ running }) => running).length);
        }
      },
    ),
    { numRuns: 60, endOnFailure: false },
  );
}, 120_000);

it('refuses events of a stream that is no run, so that they are set aside and seen', async () => {
  const [event] = recorded('run:shop/x', []);
  await expect(project([{ ...event!, stream: 'build:shop' }])).rejects.toThrow(/no run's stream/);
});
