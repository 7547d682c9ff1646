import fc from 'fast-check';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunEvent, type TrendStep, trendSteps } from '@testcast/contracts';
import { connectionOptions } from '#platform/database';
import type { RecordedEvent } from '#platform/event-store';
import { testKeyOf } from '#platform/kernel';
import { createDatabase } from '#platform/testing';
import { bucketOf } from '../domain/duration-histogram.ts';
import { anyAttempt, recorded } from '../fixtures/random-events.ts';
import { type RecountedBucket, recount } from '../fixtures/recount.ts';
import { TrendsProjection } from './trends.projection.ts';

let database: DataSource;
beforeAll(async () => {
  database = await new DataSource(connectionOptions({ url: await createDatabase(), poolSize: 4 })).initialize();
});
afterAll(async () => {
  await database?.destroy();
});

const dayMs = 86_400_000;
// Noon of yesterday: all minutes near it are of days that are kept.
const around = Math.floor(Date.now() / dayMs) * dayMs - dayMs / 2;
const views: Record<TrendStep, string> = { minute: 'trend_minutes', hour: 'trend_hours', day: 'trend_days' };
const projection = new TrendsProjection();

class Killed extends Error {}

/** One batch as the engine applies it; a kill before the commit leaves nothing of it, and the batch comes again. */
async function project(batch: RecordedEvent[], { kill = false } = {}): Promise<void> {
  await database
    .transaction(async (tx) => {
      await projection.apply(batch, { tx, table: (name) => `${name}_v1` });
      if (kill) throw new Killed();
    })
    .catch((error: unknown) => {
      if (!(error instanceof Killed)) throw error;
    });
}

/** Rows as `recount` has buckets, with histograms for durations. */
async function stored(projectId: string, step: TrendStep): Promise<Map<number, object>> {
  const rows = await database.query<(Omit<RecountedBucket, 'durations'> & { at: Date; durations: number[] })[]>(
    `select at, results, passed, failed, flaky, skipped, attempts, workers, durations
     from ${views[step]} where project_id = $1`,
    [projectId],
  );
  const all = rows.map(({ at, ...row }) => [at.getTime(), { ...row, durations: sparse(row.durations) }] as const);
  return new Map(all.filter(([, row]) => row.attempts > 0 || row.workers > 0 || row.results > 0));
}

const sparse = (histogram: readonly number[]): number[] =>
  histogram.flatMap((count, bucket) => Array.from({ length: count }, () => bucket));

function expected(streams: readonly RecordedEvent[][], step: TrendStep): Map<number, object> {
  const buckets = [...recount(streams, step)].map(
    ([at, bucket]) => [at, { ...bucket, durations: bucket.durations.map(bucketOf) }] as const,
  );
  return new Map(buckets);
}

async function allStored(projectId: string): Promise<Record<TrendStep, Map<number, object>>> {
  const [minute, hour, day] = await Promise.all(trendSteps.map((step) => stored(projectId, step)));
  return { minute: minute!, hour: hour!, day: day! };
}

function allExpected(streams: readonly RecordedEvent[][]): Record<TrendStep, Map<number, object>> {
  return { minute: expected(streams, 'minute'), hour: expected(streams, 'hour'), day: expected(streams, 'day') };
}

/** The streams in one order, each one's own kept, cut into batches. */
function interleaved(streams: readonly RecordedEvent[][], picks: readonly number[], sizes: readonly number[]) {
  const left = streams.map((events) => [...events]);
  const merged: RecordedEvent[] = [];
  for (let n = 0; left.some((events) => events.length > 0); n++) {
    const next = left[picks[n % picks.length]! % left.length]!;
    merged.push(...(next.length > 0 ? next : left.find((events) => events.length > 0)!).splice(0, 1));
  }
  const batches: RecordedEvent[][] = [];
  for (let n = 0; merged.length > 0; n++) batches.push(merged.splice(0, sizes[n % sizes.length]));
  return batches;
}

let projects = 0;
const newProject = (): string => `p-${(projects += 1)}`;
const events = fc.array(anyAttempt(around), { maxLength: 25 });

it('leaves exactly what a recount of all events finds, in whatever order and batches they come and are killed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(events, events, events),
      fc.array(fc.nat(2), { minLength: 1, maxLength: 10 }),
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
      async (runs, picks, sizes, kills) => {
        const projectId = newProject();
        const streams = runs.map((run, n) => recorded(`run:${projectId}/r${n}`, run, { slot: n, recordedAt: around }));
        for (const [n, batch] of interleaved(streams, picks, sizes).entries()) {
          if (kills[n % kills.length] === true) await project(batch, { kill: true });
          await project(batch);
        }
        expect(await allStored(projectId)).toEqual(allExpected(streams));
      },
    ),
    { numRuns: 40, endOnFailure: false },
  );
}, 120_000);

it('adds up what runs of several slots write at once', async () => {
  const projectId = newProject();
  const finished = (testId: string, minutes: number): RunEvent => ({
    type: 'test.finished',
    at: around + minutes * 60_000,
    data: {
      testId,
      testKey: testKeyOf(testId, ''),
      variant: '',
      shardId: 's1',
      rerun: 1,
      attempt: 1,
      status: minutes % 3 === 0 ? 'failed' : 'passed',
      durationMs: 10 * minutes,
    },
  });
  // Half of them go through the minutes backwards: rows locked in the order of the events would wait for each other.
  const streams = Array.from({ length: 4 }, (_, run) => {
    const minutes = Array.from({ length: 120 }, (_, n) => (run % 2 === 0 ? n % 20 : 19 - (n % 20)));
    const all = minutes.map((minute, n) => finished(`t${n}`, minute));
    return recorded(`run:${projectId}/r${run}`, all, { slot: run, recordedAt: around });
  });
  await Promise.all(
    streams.map(async (stream) => {
      for (let at = 0; at < stream.length; at += 20) await project(stream.slice(at, at + 20));
    }),
  );
  expect(await allStored(projectId)).toEqual(allExpected(streams));
}, 30_000);

it('counts runs of long ago by hour and by day, where their minutes are not kept any more', async () => {
  const projectId = newProject();
  const longAgo = around - 90 * dayMs;
  const [event] = fc.sample(anyAttempt(longAgo), { numRuns: 1, seed: 7 });
  const streams = [recorded(`run:${projectId}/old`, [{ ...event!, at: longAgo }], { recordedAt: longAgo })];
  await project(streams[0]!);
  expect(await stored(projectId, 'minute')).toEqual(new Map());
  for (const step of ['hour', 'day'] as const) expect(await stored(projectId, step)).toEqual(expected(streams, step));
});

it('counts the last results of a run once where one batch has them and the word that it was erased', async () => {
  const projectId = newProject();
  const [events] = [
    recorded(`run:${projectId}/r`, fc.sample(anyAttempt(around), { numRuns: 30, seed: 3 }), { recordedAt: around }),
  ];
  const last = events.at(-1)!;
  const word = { ...last, position: last.position + 1, version: last.version + 1, type: 'run.erased', dataJson: '{}' };
  await project(events.slice(0, 20));
  await project([...events.slice(20), word]);
  expect(await allStored(projectId)).toEqual(allExpected([events]));
  const left = await database.query(
    `select from trend_tests where project_id = $1 union all select from trend_workers where project_id = $1`,
    [projectId],
  );
  expect(left).toEqual([]);
});

it('makes the day that its minutes need and nobody made, at the next attempt, instead of leaving them out', async () => {
  const projectId = newProject();
  const day = new Date(around).toISOString().slice(0, 10).replaceAll('-', '');
  await database.query(`drop table trend_minutes_v1_${day}`);
  const streams = [
    recorded(`run:${projectId}/r`, fc.sample(anyAttempt(around), { numRuns: 20, seed: 5 }), { recordedAt: around }),
  ];
  await expect(project(streams[0]!)).rejects.toMatchObject({ temporary: true });
  await project(streams[0]!);
  expect(await allStored(projectId)).toEqual(allExpected(streams));
});

it('refuses events of a stream that is no run, so that they are set aside and seen', async () => {
  const [event] = recorded('build:shop', fc.sample(anyAttempt(around), 1), { recordedAt: around });
  await expect(project([event!])).rejects.toThrow(/no run's stream/);
});
