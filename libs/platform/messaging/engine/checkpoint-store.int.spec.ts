import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectionOptions } from '#platform/database';
import { type MemoryEventStore, type RecordedEvent, slotOf } from '#platform/event-store';
import { createDatabase, eventually } from '#platform/testing';
import { checkpointsOf, parseCheckpoints, standsStill } from '../checkpoints-of.ts';
import type { ProjectionContext } from '../projection.ts';
import { PostgresCheckpointStore } from './checkpoint-store.postgres.ts';
import type { EngineOptions } from './engine-options.ts';
import { ProjectionEngine } from './projection-engine.ts';
import { memoryLogBeside, newTestMetrics, streamsInPairs } from './fixtures/test-engine.ts';

Logger.overrideLogger(false);
const quick: EngineOptions = { pauseMs: 0, retryMs: () => 5, holeAfterMs: 0 };
const streams = streamsInPairs(3);
const stops: (() => Promise<unknown>)[] = [];
let url: string;
let admin: DataSource;

const append = `
  insert into folded (projection, stream, versions)
  select $1, stream, array_agg(version order by version)
  from unnest($2::text[], $3::int[]) as event (stream, version) group by stream
  on conflict (projection, stream) do update set versions = folded.versions || excluded.versions`;

beforeAll(async () => {
  url = await createDatabase();
  admin = await connect('testcast-admin');
  await admin.query(
    'create table folded (projection text, stream text, versions int[], primary key (projection, stream))',
  );
});
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});
afterAll(() => admin?.destroy());

async function connect(applicationName: string): Promise<DataSource> {
  return new DataSource(connectionOptions({ url, applicationName, poolSize: 10 })).initialize();
}

/** What a projector's database does to it. */
interface Mishaps {
  /** Commits whose answer is lost. */
  lostAnswers: number;
  /** Handlers that fail with this SQLSTATE after they have written. */
  failures: string[];
}

async function newTestProjector(
  log: MemoryEventStore,
  name: string,
  mishaps: Mishaps = { lostAnswers: 0, failures: [] },
) {
  const dataSource = await connect('testcast-projector');
  loseAnswers(dataSource, mishaps);
  const engine = new ProjectionEngine(
    log,
    new PostgresCheckpointStore(dataSource, log),
    newTestMetrics(),
    { now: () => Date.now() },
    quick,
  );
  const projection = {
    name,
    version: 1,
    events: ['counted', 'poison', 'swallowed'],
    mended: false,
    async apply(batch: readonly RecordedEvent[], { tx }: ProjectionContext) {
      await tx.query(append, [name, batch.map(({ stream }) => stream), batch.map(({ version }) => version)]);
      const failure = mishaps.failures.shift();
      if (failure !== undefined)
        await tx.query(`do $$ begin raise exception 'provoked' using errcode = '${failure}'; end $$`);
      if (this.mended) return;
      if (batch.some(({ type }) => type === 'poison')) await tx.query('select 1 / 0');
      if (batch.some(({ type }) => type === 'swallowed')) await tx.query('select 1 / 0').catch(() => undefined);
    },
  };
  stops.push(async () => {
    await engine.stop();
    await dataSource.destroy();
  });
  await engine.start([projection]);
  return { engine, projection };
}

/** The driver's COMMIT succeeds and its answer never comes: what a cable that is pulled at that moment looks like. */
function loseAnswers(dataSource: DataSource, mishaps: Mishaps): void {
  const create = dataSource.createQueryRunner.bind(dataSource);
  dataSource.createQueryRunner = (mode) => {
    const runner = create(mode);
    const commit = runner.commitTransaction.bind(runner);
    runner.commitTransaction = async () => {
      await commit();
      if (mishaps.lostAnswers === 0) return;
      mishaps.lostAnswers -= 1;
      throw new Error('Connection terminated unexpectedly');
    };
    return runner;
  };
}

async function add(log: MemoryEventStore, stream: string, type = 'counted'): Promise<void> {
  await log.append({ stream, events: [{ eventId: randomUUID(), type, at: 0, data: {} }] });
}

async function rowsOf(projection: string): Promise<Record<string, number[]>> {
  const rows = await admin.query<{ stream: string; versions: number[] }[]>(
    'select stream, versions from folded where projection = $1',
    [projection],
  );
  return Object.fromEntries(rows.map(({ stream, versions }) => [stream, versions]));
}

async function foldOf(log: MemoryEventStore): Promise<Record<string, number[]>> {
  const rows: Record<string, number[]> = {};
  for (const stream of streams) {
    const { events } = await log.readStream(stream, 0);
    const versions = events.filter(({ type }) => type !== 'other').map(({ version }) => version);
    if (versions.length > 0) rows[stream] = versions;
  }
  return rows;
}

const killProjectors = `
  select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and application_name = 'testcast-projector'`;

const steps = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('append' as const), stream: fc.nat(5), counted: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('offer' as const),
      stream: fc.nat(5),
      positions: fc.array(fc.nat(11), { minLength: 1, maxLength: 8 }),
      projector: fc.nat(1),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('heads' as const), projector: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose answer' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('abort' as const) }) },
);

describe('two projectors on one database', () => {
  it('write every event once, whatever the feed does and whenever a connection is killed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 20, maxLength: 60 }), async (script) => {
        const log = await memoryLogBeside(admin);
        const name = randomUUID();
        const mishaps: Mishaps = { lostAnswers: 0, failures: [] };
        const projectors = [await newTestProjector(log, name, mishaps), await newTestProjector(log, name, mishaps)];
        for (const step of script) {
          if (step.kind === 'append') await add(log, streams[step.stream]!, step.counted ? 'counted' : 'other');
          else if (step.kind === 'kill') await admin.query(killProjectors);
          else if (step.kind === 'lose answer') mishaps.lostAnswers += 1;
          else if (step.kind === 'abort') mishaps.failures.push('40001');
          else if (step.kind === 'heads') projectors[step.projector]!.engine.noteHeads((await log.heads()).positions);
          else {
            const events = await log.readSlot(slotOf(streams[step.stream]!), 0);
            const page = step.positions.flatMap((position) => events[position % events.length] ?? []);
            await projectors[step.projector]!.engine.offer(page);
          }
        }
        const expected = await foldOf(log);
        await eventually(
          async () => {
            for (const { engine } of projectors) engine.noteHeads((await log.heads()).positions);
            expect(await rowsOf(name)).toEqual(expected);
          },
          { message: 'the rows catch up with the log', within: 10_000 },
        );
        await Promise.all(stops.splice(0).map((stop) => stop()));
        expect(await rowsOf(name)).toEqual(expected);
        expect(await admin.query('select * from parked_streams where projection = $1', [name])).toEqual([]);
      }),
      { numRuns: 25 },
    );
  }, 120_000);
});

describe('a failure', () => {
  it.each(['08006', '40001', '40P01', '53300', '55P03', '57014', '57P01'])(
    'of SQLSTATE %s is retried until it passes, and parks nothing',
    async (state) => {
      const log = await memoryLogBeside(admin);
      const name = randomUUID();
      await add(log, streams[0]!);
      const { engine } = await newTestProjector(log, name, {
        lostAnswers: 0,
        failures: Array.from({ length: 8 }, () => state),
      });
      await eventually(async () => expect(await rowsOf(name)).toEqual({ [streams[0]!]: [1] }));
      expect(await engine.parkedStreams(name)).toEqual([]);
    },
  );

  it('of an event parks its stream, keeps the later ones aside, and is replayed with them when the handler is mended', async () => {
    const log = await memoryLogBeside(admin);
    const name = randomUUID();
    for (const stream of streams) await add(log, stream);
    await add(log, streams[0]!, 'poison');
    for (const stream of streams)
      for (let n = 0; n < 40; n++) await add(log, stream, n % 2 === 0 ? 'counted' : 'other');
    const { engine, projection } = await newTestProjector(log, name);
    const expected = { ...(await foldOf(log)), [streams[0]!]: [1] };
    await eventually(async () => {
      expect(await rowsOf(name)).toEqual(expected);
      expect(await engine.parkedStreams(name)).toMatchObject([
        { stream: streams[0], slot: slotOf(streams[0]!), firstVersion: 2, lastVersion: 41, events: 21 },
      ]);
    });
    expect((await engine.parkedStreams(name))[0]!.error).toBe('QueryFailedError 22012: division by zero');
    const again = await engine.replayParked(name, streams[0]!);
    expect(again).toMatchObject({ applied: 0, failure: { event: { version: 2 } } });
    expect(await rowsOf(name)).toEqual(expected);
    projection.mended = true;
    expect(await engine.replayParked(name, streams[0]!)).toEqual({ applied: 21 });
    await add(log, streams[0]!);
    await engine.offer(await log.readSlot(slotOf(streams[0]!), 0));
    const whole = await foldOf(log);
    await eventually(async () => expect(await rowsOf(name)).toEqual(whole));
  });

  it('of the connection parks nothing, whatever error the handler makes of it', async () => {
    const log = await memoryLogBeside(admin);
    const name = randomUUID();
    await add(log, streams[0]!);
    const { engine, projection } = await newTestProjector(log, name);
    const apply = projection.apply.bind(projection);
    let kills = 6;
    projection.apply = async (batch, context) => {
      await apply(batch, context);
      if ((kills -= 1) < 0) return;
      await context.tx.query('select pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
      throw new Error('could not write the rows');
    };
    await add(log, streams[0]!);
    await engine.offer(await log.readSlot(slotOf(streams[0]!), 0));
    await eventually(async () => expect(await rowsOf(name)).toEqual({ [streams[0]!]: [1, 2] }));
    expect(kills).toBeLessThan(0);
    expect(await engine.parkedStreams(name)).toEqual([]);
  });

  it('that a handler has swallowed is not taken for success', async () => {
    const log = await memoryLogBeside(admin);
    const name = randomUUID();
    await add(log, streams[0]!, 'swallowed');
    const { engine } = await newTestProjector(log, name);
    await eventually(async () => expect(await engine.parkedStreams(name)).toMatchObject([{ firstVersion: 1 }]));
    expect(await rowsOf(name)).toEqual({});
  });
});

it('tells how far the rows of one statement reflect the log', async () => {
  const log = await memoryLogBeside(admin);
  const name = `it's ${randomUUID()}`;
  for (let n = 0; n < 3; n++) await add(log, streams[0]!);
  await newTestProjector(log, name);
  const slot = slotOf(streams[0]!);
  await eventually(async () => {
    const [row] = await admin.query<{ positions: Record<string, number>; versions: number[] | null }[]>(
      `select checkpoints.positions, folded.versions
       from (select ${checkpointsOf({ name, version: 1 }, '$2')} as positions) as checkpoints
       left join folded on folded.projection = $1`,
      [name, [slot, (slot + 1) % 256]],
    );
    const positions = parseCheckpoints(row!.positions);
    // Whenever it is asked, the two belong together.
    expect(row!.versions?.length ?? 0).toBe(positions.get(slot));
    expect(positions.get(slot)).toBe(3);
    expect(positions.size).toBe(2);
  });
});

it('tells rows that nobody writes, as long as the next version is being filled, from those of an older release', async () => {
  const name = randomUUID();
  const still = async () =>
    (await admin.query<[{ still: boolean }]>(`select ${standsStill({ name })} as still`))[0].still;
  const add = (number: number, version: number, state: string) =>
    admin.query('insert into projection_builds (projection, number, version, state) values ($1, $2, $3, $4)', [
      name,
      number,
      version,
      state,
    ]);
  expect(await still()).toBe(false);
  await add(1, 1, 'live');
  expect(await still()).toBe(false);
  await add(2, 2, 'filling');
  expect(await still()).toBe(true);
  await admin.query('insert into projectors (id, versions) values ($1, $2)', [randomUUID(), { [name]: 1 }]);
  expect(await still()).toBe(false);
  await admin.query(`update projectors set seen_at = clock_timestamp() - interval '1 minute'`);
  expect(await still()).toBe(true);
});
