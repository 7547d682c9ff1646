import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { MemoryEventStore, type RecordedEvent, slotOf } from '#platform/event-store';
import { eventually } from '#platform/testing';
import type { ProjectionContext } from '../projection.ts';
import { TransientFailure } from './checkpoint-store.ts';
import { MemoryCheckpointStore, type MemoryTransaction } from './checkpoint-store.memory.ts';
import type { EngineOptions } from './engine-options.ts';
import { ProjectionEngine } from './projection-engine.ts';
import type { ProjectionHandler } from './projection-handler.ts';
import { newTestMetrics, streamsInPairs } from './fixtures/test-engine.ts';

const quick: EngineOptions = { pauseMs: 0, retryMs: () => 0, holeAfterMs: 0 };
const clock = { now: () => Date.now() };
const streams = streamsInPairs(3);
const stops: (() => Promise<void>)[] = [];

// What is logged here is what the tests provoke.
Logger.overrideLogger(false);

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

function newTestProjection(options: { broken?: (event: RecordedEvent) => boolean } = {}) {
  const log = new MemoryEventStore();
  const checkpoints = new MemoryCheckpointStore(log);
  const rows = new Map<string, number[]>();
  const attempts = new Map<string, number>();
  const projection = {
    name: 'versions',
    version: 1,
    events: ['counted'],
    broken: options.broken ?? (() => false),
    async apply(batch: readonly RecordedEvent[], { tx }: ProjectionContext) {
      const transaction = tx as unknown as MemoryTransaction;
      for (const event of batch) {
        attempts.set(event.eventId, (attempts.get(event.eventId) ?? 0) + 1);
        if (this.broken(event)) throw new Error(`cannot apply version ${event.version} of ${event.stream}`);
        transaction.write(() => rows.set(event.stream, [...(rows.get(event.stream) ?? []), event.version]));
      }
    },
  } satisfies ProjectionHandler & { broken: (event: RecordedEvent) => boolean };
  const start = async (engineOptions = quick) => {
    const engine = new ProjectionEngine(log, checkpoints, newTestMetrics(), clock, engineOptions);
    stops.push(() => engine.stop());
    await engine.start([projection]);
    return engine;
  };
  return { log, checkpoints, rows, attempts, projection, start, append: appendTo(log), fold: () => foldOf(log) };
}

function appendTo(log: MemoryEventStore) {
  return async (stream: string, type = 'counted') => {
    await log.append({ stream, events: [{ eventId: randomUUID(), type, at: 0, data: {} }] });
  };
}

async function foldOf(log: MemoryEventStore, of: readonly string[] = streams): Promise<Map<string, number[]>> {
  const rows = new Map<string, number[]>();
  for (const stream of of) {
    const { events } = await log.readStream(stream, 0);
    const versions = events.filter(({ type }) => type === 'counted').map(({ version }) => version);
    if (versions.length > 0) rows.set(stream, versions);
  }
  return rows;
}

/** One step of a hostile feed and of what goes wrong around it. */
const steps = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('append' as const), stream: fc.nat(5), counted: fc.boolean() }),
  },
  // Any of a slot's events in any order: repeats, holes, reordering.
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('offer' as const),
      stream: fc.nat(5),
      positions: fc.array(fc.nat(11), { minLength: 1, maxLength: 8 }),
      engine: fc.nat(1),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('heads' as const), engine: fc.nat(1) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('fail' as const),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), engine: fc.nat(1) }) },
);

describe('the read model', () => {
  it('is the fold of the log for any feed, any failure and any number of projectors', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(steps, { maxLength: 60 }),
        fc.integer({ min: 1, max: 2 }),
        async (script, engineCount) => {
          const { log, checkpoints, rows, start, append, fold } = newTestProjection();
          const failures: ('before' | 'after')[] = [];
          checkpoints.interrupt = (when) => {
            if (failures[0] !== when) return;
            failures.shift();
            throw new TransientFailure(new Error(`the connection was lost ${when} the commit`));
          };
          const engines = await Promise.all(Array.from({ length: engineCount }, () => start()));
          for (const step of script) {
            if (step.kind === 'append') await append(streams[step.stream]!, step.counted ? 'counted' : 'other');
            else if (step.kind === 'fail') failures.push(step.when);
            else {
              const index = step.engine % engineCount;
              if (step.kind === 'offer') {
                const events = await log.readSlot(slotOf(streams[step.stream]!), 0);
                const page = step.positions.flatMap((position) => events[position % events.length] ?? []);
                await engines[index]!.offer(page);
              } else if (step.kind === 'heads') engines[index]!.noteHeads((await log.heads()).positions);
              else {
                await engines[index]!.stop();
                engines[index] = await start();
              }
            }
          }
          const expected = await fold();
          await eventually(
            async () => {
              for (const engine of engines) engine.noteHeads((await log.heads()).positions);
              expect(rows).toEqual(expected);
              expect(await checkpoints.load({ name: 'versions', version: 1 })).toEqual((await log.heads()).positions);
            },
            { every: 1, message: 'the rows catch up with the log' },
          );
          await Promise.all(engines.map((engine) => engine.stop()));
          expect(rows).toEqual(expected);
        },
      ),
      { numRuns: 150 },
    );
  }, 60_000);

  it('catches up by itself with what was appended before the start', async () => {
    const { rows, start, append, fold } = newTestProjection();
    for (let n = 0; n < 1_500; n++) await append(streams[n % 3]!, n % 7 === 0 ? 'other' : 'counted');
    await start();
    const expected = await foldOfAll(fold);
    await eventually(() => expect(rows).toEqual(expected));
  });

  it('is made again where a crash of the database has taken commits back, also of a quiet log', async () => {
    const { log, checkpoints, rows, projection, start, append, fold } = newTestProjection();
    for (const stream of streams) await append(stream);
    const engine = await start();
    const expected = await fold();
    await eventually(() => expect(rows).toEqual(expected));
    rows.clear();
    checkpoints.make(projection);
    await eventually(
      async () => {
        engine.noteHeads((await log.heads()).positions);
        expect(rows).toEqual(expected);
      },
      { every: 1 },
    );
  });

  it('takes the last event of a quiet log although the feed lost it', async () => {
    const { log, rows, start, append } = newTestProjection();
    const engine = await start();
    await append(streams[0]!);
    await eventually(
      async () => {
        engine.noteHeads((await log.heads()).positions);
        expect(rows.get(streams[0]!)).toEqual([1]);
      },
      { every: 1 },
    );
  });
});

async function foldOfAll(fold: () => Promise<Map<string, number[]>>): Promise<Map<string, number[]>> {
  const rows = await fold();
  expect(rows.size).toBe(3);
  return rows;
}

describe('a poison event', () => {
  it('parks its stream after three tries alone, and every other stream goes on', async () => {
    const { log, checkpoints, rows, attempts, projection, start, append, fold } = newTestProjection({
      broken: (event) => event.stream === streams[0] && event.version === 2,
    });
    for (let n = 0; n < 4; n++) for (const stream of streams) await append(stream);
    const engine = await start();
    const expected = new Map(await fold()).set(streams[0]!, [1]);
    await eventually(() => expect(rows).toEqual(expected));
    const parked = await eventually(async () => {
      const list = await engine.parkedStreams('versions');
      expect(list[0]?.events).toBe(3);
      return list;
    });
    expect(parked).toMatchObject([
      { stream: streams[0], firstVersion: 2, lastVersion: 4, error: `Error: cannot apply version 2 of ${streams[0]}` },
    ]);
    expect(await checkpoints.load(projection)).toEqual((await log.heads()).positions);
    const { events } = await log.readStream(streams[0]!, 1);
    expect(attempts.get(events[0]!.eventId)).toBeGreaterThanOrEqual(3);
  });

  it('is applied with all that came after it once the handler is mended', async () => {
    const { rows, projection, start, append, fold } = newTestProjection({
      broken: (event) => event.stream === streams[0],
    });
    for (let n = 0; n < 3; n++) for (const stream of streams) await append(stream);
    const engine = await start();
    await eventually(async () => expect(await engine.parkedStreams('versions')).toMatchObject([{ events: 3 }]));
    const again = await engine.replayParked('versions', streams[0]!);
    expect(again).toMatchObject({ applied: 0, failure: { event: { version: 1 } } });
    expect(await engine.parkedStreams('versions')).toHaveLength(1);
    projection.broken = () => false;
    expect(await engine.replayParked('versions', streams[0]!)).toEqual({ applied: 3 });
    expect(await engine.parkedStreams('versions')).toEqual([]);
    expect(await engine.replayParked('versions', streams[0]!)).toEqual({ applied: 0, left: true });
    expect(rows).toEqual(await fold());
  });

  it('keeps what a replay could apply, and stays parked at the event that fails next', async () => {
    const poison = new Set([2, 4]);
    const { rows, start, append } = newTestProjection({
      broken: (event) => event.stream === streams[0] && poison.has(event.version),
    });
    for (let n = 0; n < 6; n++) await append(streams[0]!);
    const engine = await start();
    await eventually(async () => expect(await engine.parkedStreams('versions')).toMatchObject([{ events: 5 }]));
    poison.delete(2);
    expect(await engine.replayParked('versions', streams[0]!)).toMatchObject({ applied: 2 });
    expect(rows.get(streams[0]!)).toEqual([1, 2, 3]);
    expect(await engine.parkedStreams('versions')).toMatchObject([{ firstVersion: 4, lastVersion: 6, events: 3 }]);
  });

  it('is left out when it is discarded, and the stream goes on without it', async () => {
    const { rows, start, append } = newTestProjection({
      broken: ({ stream, version }) => stream === streams[0] && (version === 2 || version === 4),
    });
    for (let n = 0; n < 5; n++) await append(streams[0]!);
    const engine = await start();
    await eventually(async () => expect(await engine.parkedStreams('versions')).toMatchObject([{ events: 4 }]));
    const first = await engine.replayParked('versions', streams[0]!, { discard: true });
    expect(first).toMatchObject({ applied: 1, failure: { event: { version: 4 } } });
    expect(await engine.parkedStreams('versions')).toMatchObject([{ firstVersion: 4, events: 2 }]);
    expect(await engine.replayParked('versions', streams[0]!, { discard: true })).toEqual({ applied: 1 });
    expect(rows.get(streams[0]!)).toEqual([1, 3, 5]);
    expect(await engine.parkedStreams('versions')).toEqual([]);
  });

  it('stops a projection that would park more than a hundred streams a minute', async () => {
    const { start, append } = newTestProjection({ broken: () => true });
    for (let n = 0; n < 130; n++) await append(`run:broken/${n}`);
    const engine = await start();
    await eventually(() => expect(engine.stoppedProjections()).toEqual(['versions']));
    await engine.stop();
    // Each of the eight workers may have had one more in hand.
    expect((await engine.parkedStreams('versions')).length).toBeLessThanOrEqual(108);
  });
});

describe('a projection that is slow', () => {
  it('makes the feed wait once it has 8 MiB of events to apply, and no longer', async () => {
    const { log, start, projection } = newTestProjection();
    const engine = await start();
    let release = () => {};
    const blocked = new Promise<void>((resolve) => (release = resolve));
    projection.apply = () => blocked;
    const slot = slotOf(streams[0]!);
    const page = Array.from({ length: 9 }, (_, index) => bigEvent(slot, index + 1));
    let offered = false;
    const offering = engine.offer(page).then(() => (offered = true));
    await log.heads();
    expect(offered).toBe(false);
    release();
    await offering;
  });
});

function bigEvent(slot: number, position: number): RecordedEvent {
  const dataJson = JSON.stringify({ text: 'x'.repeat(1024 * 1024) });
  const identity = { slot, position, stream: streams[0]!, version: position, eventId: randomUUID() };
  return { ...identity, type: 'counted', at: 0, recordedAt: 0, dataJson };
}
