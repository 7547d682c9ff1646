import fc from 'fast-check';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunEvent, type TrendStep, trendSteps } from '@testcast/contracts';
import { connectionOptions } from '#platform/database';
import type { RecordedEvent } from '#platform/event-store';
import { createDatabase } from '#platform/testing';
import { bucketOf } from '../domain/duration-histogram.ts';
import { anyAttempt, recorded } from '../fixtures/random-events.ts';
import { recount } from '../fixtures/recount.ts';
import { TrendsProjection } from './trends.projection.ts';
import { trendsProjection } from './trends-projection.options.ts';

let database: DataSource;
beforeAll(async () => {
  database = await new DataSource(connectionOptions({ url: await createDatabase(), poolSize: 4 })).initialize();
});
afterAll(async () => {
  await database?.destroy();
});

const dayMs = 86_400_000;
// Noon of yesterday: all minutes near it, and of the days before it, are kept.
const around = Math.floor(Date.now() / dayMs) * dayMs - dayMs / 2;
const projection = new TrendsProjection();
let builds = 1;

interface Run {
  readonly events: readonly RunEvent[];
  /** Of its events: these are in the live build when the other one begins. */
  readonly before: number;
  readonly daysAgo: number;
  readonly erased: boolean;
}

const anyRun: fc.Arbitrary<Run> = fc
  .record({ daysAgo: fc.constantFrom(4, 3, 1, 0), erased: fc.boolean(), before: fc.nat(20) })
  .chain((run) =>
    fc.record({
      events: fc.array(anyAttempt(around - run.daysAgo * dayMs), { minLength: 1, maxLength: 20 }),
      before: fc.constant(run.before),
      daysAgo: fc.constant(run.daysAgo),
      erased: fc.constant(run.erased),
    }),
  );

const tableOf =
  (build: number) =>
  (name: string): string =>
    `${name}_v${build}`;

async function apply(build: number, events: readonly RecordedEvent[], size: number): Promise<void> {
  for (let at = 0; at < events.length; at += size) {
    await database.transaction((tx) =>
      projection.apply(events.slice(at, at + size), { tx, table: tableOf(build), filling: build > 1 }),
    );
  }
}

/** As the engine makes it, with the checkpoints of the live one where they are. */
async function beginBuild(positions: readonly number[]): Promise<number> {
  builds += 1;
  const build = builds;
  await database.query(
    `update projection_checkpoints as c set position = p.position
     from unnest($1::bigint[]) with ordinality as p (position, slot)
     where c.projection = 'trends' and c.version = 1 and c.slot = p.slot - 1`,
    [positions],
  );
  await database.transaction(async (tx) => {
    for (const [name, declared] of Object.entries(trendsProjection.tables)) {
      await tx.query(declared.create(tableOf(build)(name)));
    }
    const live = { number: 1, table: tableOf(1) };
    for (const statement of trendsProjection.inherit({ live, table: tableOf(build) })) await tx.query(statement);
  });
  return build;
}

let positions = 0;
/** What the log has left of a run: its last events, the last of all says that it was erased. */
async function closeInLog(stream: string, slot: number, events: readonly RecordedEvent[]): Promise<void> {
  const [{ no }] = await database.query<[{ no: string }]>(
    `insert into streams (stream, slot, version, guard, closed) values ($1, $2, $3, $3, true) returning stream_no as no`,
    [stream, slot, events.length],
  );
  for (const { version, type, recordedAt } of events.slice(-2)) {
    await database.query(
      `insert into events (partition_id, slot, position, stream_no, version, event_id, type, at, recorded_at, digest, data, lifecycle)
       select partition_id, slot, $2, $3, $4, gen_random_uuid(), $5, $6, $6, '\\x00', '{"erased":true}', false
       from slots where slot = $1`,
      [slot, (positions += 1), no, version, type, recordedAt],
    );
  }
}

async function stored(build: number, projectId: string): Promise<Record<TrendStep, object>> {
  const ofStep = async (step: TrendStep) => {
    const rows = await database.query<{ at: Date; attempts: number; durations: number[] }[]>(
      `select at, results, passed, failed, flaky, skipped, attempts, workers, durations
       from ${tableOf(build)(`trend_${step}s`)} where project_id = $1 order by at`,
      [projectId],
    );
    const sparse = (durations: number[]) =>
      durations.flatMap((count, bucket) => Array.from({ length: count }, () => bucket));
    return rows.map(({ at, durations, ...row }) => ({ at: at.getTime(), ...row, durations: sparse(durations) }));
  };
  const [minute, hour, day] = await Promise.all(trendSteps.map(ofStep));
  return { minute: minute!, hour: hour!, day: day! };
}

function expected(streams: readonly RecordedEvent[][]): Record<TrendStep, object> {
  const ofStep = (step: TrendStep) =>
    [...recount(streams, step)]
      .map(([at, bucket]) => ({ at, ...bucket, durations: bucket.durations.map(bucketOf) }))
      .sort((a, b) => a.at - b.at);
  return { minute: ofStep('minute'), hour: ofStep('hour'), day: ofStep('day') };
}

it('a rebuild after runs were erased ends with what was counted of all of them, late results included', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyRun, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 9 }),
      async (runs, size) => {
        const projectId = `p-${builds}`;
        const streams = runs.map(({ events, daysAgo }, slot) =>
          recorded(`run:${projectId}/r${slot}`, events, { slot, recordedAt: around - daysAgo * dayMs }),
        );
        const logged = runs.map((run, slot) => {
          const stream = streams[slot]!;
          if (!run.erased) return { known: stream.slice(0, run.before), late: stream.slice(run.before), left: stream };
          const last = stream.at(-1)!;
          const word = { ...last, position: last.position + 1, version: last.version + 1, type: 'run.erased' };
          return { known: [...stream, word], late: [], left: [word] };
        });
        await apply(
          1,
          logged.flatMap(({ known }) => known),
          size,
        );
        for (const [slot, { erased }] of runs.entries()) {
          if (erased) await closeInLog(streams[slot]![0]!.stream, slot, logged[slot]!.known);
        }
        const build = await beginBuild(logged.map(({ known }) => known.length));
        await apply(
          1,
          logged.flatMap(({ late }) => late),
          size,
        );
        await apply(
          build,
          logged.flatMap(({ left }) => left),
          size,
        );
        expect(await stored(build, projectId)).toEqual(expected(streams));
      },
    ),
    { numRuns: 15, endOnFailure: false },
  );
}, 180_000);
